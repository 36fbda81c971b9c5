"""Reading the radar. Every question is one statement, whatever the number of findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from compliance.checks.models import Finding
from compliance.radar.models import RadarDay

PAGE = 50
AGES = (("today", 0, 1), ("week", 1, 7), ("month", 7, 30), ("older", 30, 36500))  # name, from, until (days)
_AGE = "CASE WHEN age < 1 THEN 'today' WHEN age < 7 THEN 'week' WHEN age < 30 THEN 'month' ELSE 'older' END"
# dimension → the expression it is counted by, over findings `f` with one row a market in `m`
DIMENSIONS: Mapping[str, str] = {
    "rule": "f.rule",
    "market": "m.market",
    "merchant": "f.owner",
    "category": "f.category",
    "severity": "f.severity",
    "age": _AGE,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the radar is narrowed to; "" is everything."""

    rule: str = ""
    market: str = ""
    merchant: str = ""
    category: str = ""
    severity: str = ""
    age: str = ""

    def as_query(self, **changes: str) -> str:
        """Return the filter as a query string, with changes."""
        values = {one.name: getattr(self, one.name) for one in fields(self)} | changes
        return "&".join(f"{name}={value}" for name, value in values.items() if value)


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a dimension. `at_risk_minor`: EUR cents sold in 90 days where the finding stops the sale."""

    key: str
    findings: int
    subjects: int
    blocked: int  # findings that stop a sale
    at_risk_minor: int


def group(
    dimension: str, wanted: Filter, *, now: datetime, owners: Collection[str] | None = None
) -> list[Row]:
    """Return the open findings by a dimension, the greatest risk first; at most 200 rows.

    `owners` limits to some merchants' findings. Announcements of coming law are left out.
    """
    where, params = _where(wanted, now, owners)
    statement = f"""
        WITH f AS (
            SELECT id, subject, rule, owner, category, severity, markets,
                   extract(epoch FROM %(now)s - first_seen_at) / 86400 AS age
            FROM compliance_finding WHERE {where}
        ), m AS (SELECT f.id, unnest(CASE WHEN f.markets = '{{}}' THEN '{{""}}' ELSE f.markets END) AS market FROM f),
        priced AS (
            SELECT DISTINCT {DIMENSIONS[dimension]} AS key, f.subject, m.market, s.sales_minor
            FROM f JOIN m ON m.id = f.id
            LEFT JOIN compliance_salesshare s ON s.subject = f.subject AND s.market = m.market AND f.severity = 'block'
            WHERE %(market)s = '' OR m.market = %(market)s
        ), money AS (SELECT key, coalesce(sum(sales_minor), 0) AS minor FROM priced GROUP BY key)
        SELECT counted.key, counted.findings, counted.subjects, counted.blocked, money.minor
        FROM (
            SELECT {DIMENSIONS[dimension]} AS key, count(DISTINCT f.id) AS findings,
                   count(DISTINCT f.subject) AS subjects,
                   count(DISTINCT f.id) FILTER (WHERE f.severity = 'block') AS blocked
            FROM f JOIN m ON m.id = f.id WHERE %(market)s = '' OR m.market = %(market)s GROUP BY 1
        ) counted JOIN money USING (key)
        ORDER BY money.minor DESC, counted.blocked DESC, counted.findings DESC, counted.key LIMIT 200
    """  # noqa: S608 -- the pieces are this module's own constants
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [Row(key or "", *map(int, rest)) for key, *rest in cursor.fetchall()]


def _where(wanted: Filter, now: datetime, owners: Collection[str] | None) -> tuple[str, dict[str, Any]]:
    parts = ["state = 'open'", "due_on IS NULL"]
    params: dict[str, Any] = {"now": now, "market": wanted.market}
    for name, column in (
        ("rule", "rule"),
        ("merchant", "owner"),
        ("category", "category"),
        ("severity", "severity"),
    ):
        if getattr(wanted, name):
            parts.append(f"{column} = %({name})s")
            params[name] = getattr(wanted, name)
    if wanted.market:
        parts.append("markets @> ARRAY[%(market)s]::varchar[]")
    if owners is not None:
        parts.append("owner = ANY(%(owners)s)")
        params["owners"] = list(owners)
    span = _span(wanted.age, now)
    if span:
        parts.append("first_seen_at > %(after)s AND first_seen_at <= %(before)s")
        params |= {"after": span[0], "before": span[1]}
    return " AND ".join(parts), params


def _span(age: str, now: datetime) -> tuple[datetime, datetime] | None:
    for name, start, end in AGES:
        if name == age:
            return now - timedelta(days=end), now - timedelta(days=start)
    return None


def listed(
    wanted: Filter, *, now: datetime, last: int = 0, owners: Collection[str] | None = None
) -> list[Finding]:
    """Return a page of the findings behind the radar, the oldest first, one more than `PAGE` if there is another."""
    return list(_rows(wanted, now, owners).filter(pk__gt=last).order_by("pk")[: PAGE + 1])


def every(wanted: Filter, *, now: datetime, owners: Collection[str] | None = None) -> Any:
    """Return all findings behind the radar, a few at a time."""
    return _rows(wanted, now, owners).order_by("pk").iterator(chunk_size=1000)


def _rows(wanted: Filter, now: datetime, owners: Collection[str] | None) -> Any:
    rows = Finding.objects.open().filter(due_on=None)
    given = {
        "rule": wanted.rule,
        "owner": wanted.merchant,
        "category": wanted.category,
        "severity": wanted.severity,
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if wanted.market:
        rows = rows.filter(markets__contains=[wanted.market])
    if owners is not None:
        rows = rows.filter(owner__in=list(owners))
    span = _span(wanted.age, now)
    return rows.filter(first_seen_at__gt=span[0], first_seen_at__lte=span[1]) if span else rows


def totals(*, owners: Collection[str] | None = None) -> dict[str, int]:
    """Return how many findings of each severity are open, and how many subjects are stopped somewhere."""
    rows = Finding.objects.open().filter(due_on=None)
    if owners is not None:
        rows = rows.filter(owner__in=list(owners))
    counts = {name: Count("pk", filter=Q(severity=name)) for name in Finding.Severity.values}
    return rows.aggregate(**counts, subjects=Count("subject", filter=Q(severity="block"), distinct=True))


def trend(*, until: date, days: int = 30) -> list[RadarDay]:
    """Return the daily counts up to a day, the oldest first."""
    return list(RadarDay.objects.filter(day__gt=until - timedelta(days=days), day__lte=until).order_by("day"))


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to mend on many listings: what it would be worth in markets and in sales."""

    rule: str
    field: str
    severity: str
    subjects: int
    markets: tuple[str, ...]
    at_risk_minor: int
    sample: Finding


def fixes(owners: Collection[str], *, market: str = "", now: datetime, limit: int = 100) -> list[Fix]:
    """Return what merchants have to mend, in order of worth: sales at risk, then stopped sales, then how many.

    With a market: what it would take to sell there.
    """
    where, params = _where(Filter(market=market), now, owners)
    statement = f"""
        WITH f AS (SELECT * FROM compliance_finding WHERE {where} AND severity <> 'info'),
        m AS (SELECT f.id, unnest(f.markets) AS market FROM f),
        sums AS (
            SELECT f.rule, f.field, coalesce(sum(s.sales_minor) FILTER (WHERE f.severity = 'block'), 0) AS minor
            FROM f JOIN m ON m.id = f.id
            LEFT JOIN compliance_salesshare s ON s.subject = f.subject AND s.market = m.market
            WHERE %(market)s = '' OR m.market = %(market)s GROUP BY 1, 2
        )
        SELECT f.rule, f.field, min(array_position(ARRAY['block','high','medium']::varchar[], f.severity)) AS rank,
               count(DISTINCT f.subject), (SELECT minor FROM sums WHERE (sums.rule, sums.field) = (f.rule, f.field)),
               min(f.id), array_agg(DISTINCT m.market) FILTER (WHERE m.market IS NOT NULL)
        FROM f LEFT JOIN m ON m.id = f.id GROUP BY f.rule, f.field
        ORDER BY 5 DESC NULLS LAST, 3, 4 DESC, 1, 2 LIMIT {int(limit)}
    """  # noqa: S608 -- the pieces are this module's own constants
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found = cursor.fetchall()
    samples = Finding.objects.in_bulk([row[5] for row in found])
    return [
        Fix(
            rule=rule, field=field, severity=("block", "high", "medium")[rank - 1], subjects=subjects,
            markets=tuple(sorted(markets or ())), at_risk_minor=int(minor or 0), sample=samples[sample],
        )
        for rule, field, rank, subjects, minor, sample, markets in found
    ]  # fmt: skip


def subjects_with(rule: str, field: str, owners: Collection[str]) -> list[str]:
    """Return the subjects of merchants that miss one thing."""
    rows = Finding.objects.open().filter(rule=rule, field=field, owner__in=list(owners), due_on=None)
    return list(rows.order_by("subject").values_list("subject", flat=True).distinct())
