"""What the law says about one order: asked when it is placed and frozen, asked again as things happen.

The facts that are frozen on a line are those of ``compliance/rulebook/facts_contract.yaml`` beside
the market, the zone and the instant of the contract, so that every later question is answered by
the law of the contract's day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from compliance import rulebook
from compliance.rulebook import lookups
from compliance.rulebook.types import Answer, RightLine, Ruling

# Frozen beside the facts of the contract.
NOT_ASKED = ("seller_kind", "free_returns", "voluntary_months", "service_days", "card")
# The law of traders and consumers gives nothing against a private person.
_PRIVATE = {
    "right_exists": False, "ground": "private_seller", "starts_on": None, "nth_day": None, "last_day": None,
    "ends_at": None, "extended_because": None, "function_visible_from": None, "function_visible_until": None,
    "return_paid_by": None, "proof_needed": [], "certain": True, "uncertain_because": [],
}  # fmt: skip
WITHDRAWAL_TEXTS = ("withdrawal_instructions", "model_withdrawal_form")


def card_content(lines: Iterable[RightLine]) -> list[dict[str, Any]]:
    """Return a right card as JSON: sentences as msgids with plain parameters, to be said in any language."""
    return [
        {
            "key": line.key,
            "state": line.state,
            "sentence": line.sentence,
            "params": {name: _plain(value) for name, value in line.params.items()},
            "on": line.on.isoformat() if line.on else None,
        }
        for line in lines
    ]


def _plain(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, date)
        else value
        if isinstance(value, int | bool)
        else str(value)
    )


def binds_seller(facts: Mapping[str, Any]) -> bool:
    """Tell whether the law of traders and consumers holds for the seller of a line."""
    return facts.get("seller_kind") != "private"


def withdrawal(facts: Mapping[str, Any], deliveries: Iterable[Mapping[str, Any]] = ()) -> Answer:
    """Answer until when this line may be withdrawn from, by the deliveries so far."""
    if not binds_seller(facts):
        return Answer(dict(_PRIVATE))
    asked = {key: value for key, value in facts.items() if key not in NOT_ASKED}
    return rulebook.answer("withdrawal", asked | {"deliveries": list(deliveries)})


def guarantee(facts: Mapping[str, Any], *, delivered_on: str) -> Answer:
    """Answer how long the seller answers for faults of this line."""
    asked = {
        "market": facts["market"],
        "concluded_on": facts["concluded_at"][:10],
        "delivered_on": delivered_on,
        "condition": facts["condition"],
    }
    promised = facts.get("voluntary_months")
    return rulebook.answer("guarantee", asked | ({"voluntary_months": promised} if promised else {}))


def delivery(*, market: str, concluded_on: str, promised_on: str | None, **more: Any) -> Answer:
    """Answer how delivery stands."""
    facts = {"market": market, "concluded_on": concluded_on, **more}
    return rulebook.answer("delivery", facts | ({"promised_on": promised_on} if promised_on else {}))


def percent_of(rate: Decimal | None) -> str:
    """Return a rate of tax as people write it: 19, 5.5; "" where there is none."""
    return "" if rate is None else f"{Decimal(rate).normalize():f}"


def rulings_of(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return the rulings of several answers as JSON, each once."""
    found: dict[str, Ruling] = {}
    for answer in answers:
        for ruling in answer.rulings:
            found.setdefault(ruling.rule, ruling)
    return [ruling.as_json() for ruling in found.values()]


def texts_of(market: str, language: str, on: Any) -> dict[str, str]:
    """Return the statutory texts of a contract by key, in the shopper's language or one the market asks for."""
    return dict(_texts(market, language, on))


@lru_cache(maxsize=512)
def _texts(market: str, language: str, on: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for key in lookups.wording_keys():
        if key.split(".")[0] in WITHDRAWAL_TEXTS or key in ("order_button", "order_final_confirmation"):
            text = wording(key, market, language, on)
            if text:
                found.append((key, text))
    return tuple(found)


def wording(key: str, market: str, language: str, on: Any) -> str:
    """Return a statutory text in the shopper's language, else in English, else in the market's own."""
    for code in dict.fromkeys((language, "en", *lookups.languages_required(market))):
        found = lookups.wordings(key, market, code, on)
        if found:
            return "\n".join(one.text for one in found)
    return ""
