"""From what a page's form holds to the facts of the open interface, and from a fact back to its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from compliance.rulebook.periods import time_zone

Facts = dict[str, Any]
# a fact that stands deeper in the question -> the field of the page that asks for it
PATHS: Mapping[str, str] = {
    "deliveries[0].received_on": "received_on",
    "repairs[0].chosen_on": "repair_chosen_on",
    "repairs[0].returned_on": "repair_returned_on",
    "notices[0].sent_on": "notice_sent_on",
    "history": "from_1",
    **{f"history[{i}].from": f"from_{i + 1}" for i in range(3)},
    **{f"history[{i}].until": f"from_{i + 2}" for i in range(2)},
    **{f"history[{i}].price": f"price_{i + 1}" for i in range(3)},
    "calendar.weekly": "open_days",
    **{f"calendar.weekly.{day}": "closes" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    "calendar.holidays": "holiday",
    "created_at": "created_on",
    "time_zone": "tz",
    "listing.title_languages": "title_languages",
}
# an answer that says nothing without another one: (given, the one that is then needed)
TOGETHER = (
    ("repair_returned_on", "repair_chosen_on"),
    ("from_2", "price_2"), ("price_2", "from_2"), ("from_3", "price_3"), ("price_3", "from_3"), ("from_3", "from_2"),
)  # fmt: skip


def plain(cleaned: Facts) -> Facts:
    """Return what was filled in, as facts: dates as text, yes and no as such."""
    words = {"yes": True, "no": False}
    found = {name: value for name, value in cleaned.items() if _is_said(value)}
    return {
        name: words.get(value, value) if isinstance(value, str)
        else value.isoformat() if hasattr(value, "isoformat")
        else value if isinstance(value, bool | int | list) else f"{value:f}"
        for name, value in found.items()
    }  # fmt: skip


def _is_said(value: Any) -> bool:
    """Return whether something was filled in; 0 was, although it equals False."""
    return value is not None and value is not False and value != "" and value != []


def purchase(cleaned: Facts) -> Facts:
    facts = plain(cleaned)
    received = facts.pop("received_on", None)
    if received is not None:
        facts["deliveries"] = [{"received_on": received}]
    facts.update(dict.fromkeys(facts.pop("exceptions", []), True))
    return facts


def statement(cleaned: Facts) -> Facts:
    facts = purchase(cleaned)
    came = facts.pop("received_by_seller_on", None)
    return facts | ({"received_on": came} if came else {})


def repair(cleaned: Facts) -> Facts:
    facts = plain(cleaned)
    chosen, back = facts.pop("repair_chosen_on", None), facts.pop("repair_returned_on", None)
    if chosen is not None:
        facts["repairs"] = [{"chosen_on": chosen} | ({"returned_on": back} if back else {})]
    return facts


def lines(cleaned: Facts) -> Facts:
    facts = plain(cleaned)
    names = ("price", "quantity", "withdrawn_quantity", "returned_value_loss", "loss_evidence")
    facts["lines"] = [{name: facts.pop(name) for name in names if name in facts}]
    return facts


def consignment(cleaned: Facts) -> Facts:
    facts = plain(cleaned)
    names = ("hs", "origin", "value", "quantity", "category")
    line = {name: facts.pop(name) for name in names if name in facts}
    facts["lines"] = [{"quantity": 1, "origin": facts.get("ship_from", "")} | line]
    return facts


def history(cleaned: Facts) -> Facts:
    """Three prices with the day each began; each ends where the next begins."""
    facts = plain(cleaned)
    rows = [(facts.pop(f"from_{i}", None), facts.pop(f"price_{i}", None)) for i in (1, 2, 3)]
    facts["history"] = [{"from": since, "price": price} for since, price in rows if since and price]
    for row, after in zip(facts["history"], facts["history"][1:], strict=False):
        row["until"] = after["from"]
    return facts


def promise(cleaned: Facts) -> Facts:
    facts = plain(cleaned)
    closes = facts.pop("closes")
    windows = [[facts.pop("opens"), "24:00" if closes == "00:00" else closes]]
    days = facts.pop("open_days")
    holidays = [day for day in (facts.pop("holiday", None),) if day]
    calendar = {"tz": facts.pop("tz"), "weekly": dict.fromkeys(days, windows), "holidays": holidays}
    created = f"{facts.pop('created_on')}T{facts.pop('created_time')}:00"
    policy = {name: facts.pop(name) for name in ("first_response_min", "resolution_min") if name in facts}
    at = _with_offset(created, calendar["tz"])
    return {"calendar": calendar, "created_at": at, "policy": policy, "events": [], "as_of": at}


def _with_offset(local: str, zone: str) -> str:
    return datetime.fromisoformat(local).replace(tzinfo=time_zone(zone)).isoformat()


def seller(cleaned: Facts) -> Facts:
    facts = plain(cleaned)
    row = {name: facts.pop(name) for name in ("new", "used", "gross") if name in facts}
    sent = facts.pop("notice_sent_on", None)
    return facts | ({"sales": [row]} if row else {}) | ({"notices": [{"sent_on": sent}]} if sent else {})


def listing(cleaned: Facts) -> Facts:
    facts = plain(cleaned)
    return (
        facts | {"description_languages": facts["title_languages"]} if "title_languages" in facts else facts
    )
