"""The documented facts of a contract (facts_contract.yaml), typed, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from compliance.rulebook.strict_yaml import load_plain
from marketplace.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One documented fact of a contract."""

    name: str
    type: str  # enum, bool, decimal
    default: Any
    doc: str
    choices: tuple[str, ...] = ()

    def read(self, value: Any) -> Any:
        """Return the value typed. Raises Invalid naming the fact."""
        if value is None:
            return self.default
        if self.type == "bool" and isinstance(value, bool):
            return value
        if self.type == "enum" and value in self.choices:
            return value
        if self.type == "decimal":
            return float(read_amount(value, self.name))
        wanted = "true or false" if self.type == "bool" else f"one of {', '.join(self.choices)}"
        raise Invalid(f"{self.name} is {wanted}, not {value!r}.", field=self.name)


@cache
def fact_specs() -> Mapping[str, FactSpec]:
    """Return every documented fact of a contract by name."""
    entries = load_plain(Path(__file__).parent / "facts_contract.yaml")
    return {
        name: FactSpec(name, entry["type"], entry["default"], entry["doc"], tuple(entry.get("choices", ())))
        for name, entry in entries.items()
    }


def contract_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return all contract facts for a condition: what is given, typed, and defaults for the rest."""
    found = _defaults().copy()
    specs = fact_specs()
    for name in facts.keys() & specs.keys():
        found[name] = specs[name].read(facts[name])
    return found


def read_amount(value: Any, name: str) -> Decimal:
    """Return a decimal string, number or {amount, currency} as a decimal. Raises Invalid."""
    if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
        value = value["amount"]
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Invalid(f'{name} is a decimal number such as "19.90".', field=name)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Invalid(f'{name} is a decimal number such as "19.90", not {value!r}.', field=name) from None
    if not amount.is_finite() or amount < 0:
        raise Invalid(f"{name} is not an amount: {value!r}.", field=name)
    return amount


@cache
def _defaults() -> dict[str, Any]:
    return {
        name: float(spec.default) if spec.type == "decimal" else spec.default
        for name, spec in fact_specs().items()
    }
