"""The JSON Schema for editors accepts every rule and knows the same keys as the loader."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from compliance.rulebook import loader
from compliance.rulebook.strict_yaml import load_plain

SCHEMA = json.loads((loader.ROOT / "schema" / "rule.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
BROKEN = Path(__file__).parent / "broken"


def _plain(path: Path) -> Any:
    """Read a rule with dates and decimals as JSON would carry them."""
    return json.loads(json.dumps(load_plain(path), default=_json))


def _json(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value.isoformat()


def test_every_rule_fits_the_schema() -> None:
    files = [path for path in (loader.ROOT / "rules").rglob("*.yaml") if path.name != "jurisdictions.yaml"]
    bad = [path.name for path in files if not VALIDATOR.is_valid(_plain(path))]
    assert (bad, len(files) > 300) == ([], True)


@pytest.mark.parametrize(
    "name", ["unknown_key", "missing_key", "bad_status", "empty_citations", "unknown_unit"]
)
def test_the_schema_refuses_what_the_loader_refuses(name: str) -> None:
    assert not VALIDATOR.is_valid(_plain(BROKEN / f"{name}.yaml"))


@pytest.mark.parametrize("kind", loader.KINDS)
def test_the_schema_knows_the_keys_of_the_loader(kind: str) -> None:
    required, optional = loader._KEYS[kind]
    version_required, version_optional = loader._VERSION_KEYS[kind]
    definition = SCHEMA["$defs"][kind]
    version = definition["properties"]["versions"]["items"]
    assert set(definition["properties"]) == loader._COMMON | loader._OPTIONAL | required | optional
    assert set(version["properties"]) == (
        loader._VERSION_COMMON | loader._VERSION_OPTIONAL | version_required | version_optional
    )
