"""The JSON Schema for editors accepts every rule and knows the same keys as the loader."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from compliance.rulebook import loader
from compliance.rulebook.strict_yaml import BookRefused, load_plain

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


# What only the loader can see: other files, conditions, the order of versions, the path.
BEYOND_A_SCHEMA = {
    "claim_phrase_that_ends_in_a_gap",
    "claims_in_an_unknown_place",
    "claims_without_patterns",
    "condition_does_not_compile",
    "condition_on_an_undocumented_attribute",
    "condition_on_an_undocumented_fact",
    "condition_on_an_unknown_disclosure",
    "finder_with_an_unknown_parameter",
    "id_is_not_its_path",
    "needs_an_undocumented_fact",
    "override_in_silence",
    "override_of_another_rule",
    "override_of_nothing",
    "substances_of_no_list",
    "substances_without_kinds",
    "unknown_jurisdiction",
    "unknown_subject",
    "until_before_from",
    "value_is_no_choice",
    "versions_of_one_day",
    "versions_out_of_order",
    "versions_overlap",
}


def _is_yaml(path: Path) -> bool:
    try:
        load_plain(path)
    except BookRefused:
        return False
    return True


def test_the_schema_refuses_every_broken_sample_that_a_schema_can_see() -> None:
    samples = [path for path in sorted(BROKEN.glob("*.yaml")) if _is_yaml(path)]
    accepted = {path.stem for path in samples if VALIDATOR.is_valid(_plain(path))}
    assert (accepted, len(samples) > 45) == (BEYOND_A_SCHEMA, True)


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
