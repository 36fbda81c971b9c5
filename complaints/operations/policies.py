"""Promises and calendars as versions: a change makes a new row, tickets keep the one they began with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from complaints.domain.plan import Promise
from complaints.domain.policy_file import refuse_what_is_wrong
from complaints.models import CalendarVersion, PolicyVersion
from compliance.rulebook.periods import Calendar
from compliance.rulebook.strict_yaml import load_yaml

FILE = Path(__file__).resolve().parents[1] / "policies" / "promises.yaml"
YEARS_AHEAD = 3  # for which holidays are written into a calendar's version


@transaction.atomic
def load_promises(*, now: datetime, path: Path = FILE) -> int:
    """Make a version of every calendar and policy of the file that differs from its latest; return how many.

    :raises BookRefused: naming file, line and reason of everything that makes no sense; nothing is written then.
    """
    content = refuse_what_is_wrong(load_yaml(path, name=path.name))
    calendars, made = {}, 0
    for name, calendar in content["calendars"].items():
        whole = _with_holidays(calendar, now)
        calendars[name], is_new = _version(CalendarVersion, name, now, content=whole)
        made += is_new
    for name, policy in content["policies"].items():
        fields = {key: policy[key] for key in ("rank", "fits", "targets", "pauses", "ladder")}
        fields["targets"] = {**fields["targets"], "merchant_answer_min": content["merchant_answer_min"]}
        made += _version(PolicyVersion, name, now, calendar=calendars[policy["calendar"]], **fields)[1]
    return made


def _with_holidays(calendar: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    whole = {key: value for key, value in calendar.items() if key != "holidays_of"}
    if country := calendar.get("holidays_of"):
        known, first = Calendar(country), date(now.year, 1, 1)
        days = (first + timedelta(days=n) for n in range(366 * YEARS_AHEAD))
        free = {day.isoformat() for day in days if known.is_holiday(day)}
        whole["holidays"] = sorted({*whole.get("holidays", ()), *free})
    return whole


def _version(kind: Any, name: str, now: datetime, **fields: Any) -> tuple[Any, bool]:
    plain = {key: getattr(value, "digest", value) for key, value in fields.items()}
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
    latest = kind.objects.filter(name=name).order_by("-version").first()
    if latest is not None and latest.digest == digest:
        return latest, False
    number = (kind.objects.filter(name=name).aggregate(last=Max("version"))["last"] or 0) + 1
    return kind.objects.create(name=name, version=number, digest=digest, valid_from=now, **fields), True


def policy_for(*, topic: str, market: str, is_dangerous: bool, now: datetime) -> PolicyVersion:
    """Return the latest version of the first policy that fits; the file's own are loaded if there are none yet."""
    latest = PolicyVersion.objects.order_by("name", "-version").distinct("name")
    rows = sorted(latest.select_related("calendar"), key=lambda row: (row.rank, row.name))
    if not rows:
        load_promises(now=now)
        return policy_for(topic=topic, market=market, is_dangerous=is_dangerous, now=now)
    return next(row for row in rows if _fits(row.fits, topic, market, is_dangerous))


def _fits(fits: Mapping[str, Any], topic: str, market: str, is_dangerous: bool) -> bool:
    return (
        ("danger" not in fits or fits["danger"] == is_dangerous)
        and topic in fits.get("topics", [topic])
        and market in fits.get("markets", [market])
    )


@cache
def promise_of(policy_id: int) -> Promise:
    """Return a policy version's content as the plan reads it; versions never change, so they are remembered."""
    policy = PolicyVersion.objects.select_related("calendar").get(pk=policy_id)
    targets = dict(policy.targets)
    merchant = targets.pop("merchant_answer_min", 0)
    return Promise(policy.calendar.content, targets, policy.pauses, tuple(policy.ladder), merchant or 0)
