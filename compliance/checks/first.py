"""First judgements of many subjects: what equal judgements say goes to the database once and is multiplied there.

A file of ten thousand products brings hundreds of thousands of findings and clearances, but only some dozens of
different judgements. Nothing is kept yet of these subjects, so there is nothing to compare with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from compliance.checks.findings import columns_of, deciding, is_about_merchant
from compliance.rulebook.book import Rulebook
from compliance.rulebook.duties import Judged

_SAID = "rule, jurisdiction, field, severity, confidence, markets, what, fix, params, due_on"


def keep(
    new: Mapping[str, Judged], marks: Mapping[str, Mapping[str, str]], *, book: Rulebook, now: datetime
) -> None:
    """Write the findings and clearances of subjects of which nothing is kept; `marks` are owner and category."""
    if not new:
        return
    patterns = list({id(one): one for one in new.values()}.values())
    number = {id(one): at for at, one in enumerate(patterns)}
    values = {
        "subjects": list(new),
        "owners": [marks[subject]["owner"] for subject in new],
        "categories": [marks[subject]["category"] for subject in new],
        "patterns": [number[id(one)] for one in new.values()],
        "findings": json.dumps(list(_findings(patterns, book)), default=str),
        "clearances": json.dumps(list(_clearances(patterns))),
        "version": book.version,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP_FINDINGS, values)
        cursor.execute(KEEP_CLEARANCES, values)


def _findings(patterns: Iterable[Judged], book: Rulebook) -> Iterable[dict[str, Any]]:
    """Yield what is found once, with the numbers of the judgements that found it."""
    found_in: dict[int, list[int]] = {}
    findings = {}
    for at, judged in enumerate(patterns):
        for finding in judged.findings:
            if not is_about_merchant(finding.rule):
                findings[id(finding)] = finding
                found_in.setdefault(id(finding), []).append(at)
    for key, finding in findings.items():
        place = {"rule": finding.rule, "jurisdiction": finding.market, "field": finding.field}
        yield {"patterns": found_in[key], **place, **columns_of(finding, book)}


def _clearances(patterns: Iterable[Judged]) -> Iterable[dict[str, Any]]:
    """Yield each market's verdict, markets that are judged alike together."""
    for at, judged in enumerate(patterns):
        alike: dict[tuple[str, tuple[int, ...]], dict[str, Any]] = {}
        for market, row in judged.markets.items():
            key = (str(row.verdict), tuple(map(id, row.findings)))
            if key not in alike:
                said = {"verdict": key[0], "deciding": deciding(row.findings)}
                alike[key] = {"pattern": at, "markets": [], **said}
            alike[key]["markets"].append(market)
        yield from alike.values()


SUBJECTS = """
    unnest(%(subjects)s::text[], %(owners)s::text[], %(categories)s::text[], %(patterns)s::int[])
        AS s(subject, owner, category, pattern)
"""

KEEP_FINDINGS = f"""
    WITH said AS MATERIALIZED (
        SELECT jsonb_array_elements_text(entry -> 'patterns')::int AS pattern, row.*
        FROM jsonb_array_elements(%(findings)s::jsonb) entry,
             jsonb_populate_record(NULL::compliance_finding, entry) row
    )
    INSERT INTO compliance_finding (
        subject, owner, category, {_SAID}, rule_version, state, first_seen_at, last_seen_at)
    SELECT s.subject, s.owner, s.category, {_SAID}, %(version)s, 'open', %(now)s, %(now)s
    FROM {SUBJECTS} JOIN said USING (pattern)
"""  # noqa: S608 -- constants of this module

KEEP_CLEARANCES = f"""
    WITH said AS MATERIALIZED (
        SELECT c.pattern, c.verdict, c.deciding, jsonb_array_elements_text(c.markets) AS market
        FROM jsonb_to_recordset(%(clearances)s::jsonb) c(pattern int, verdict text, deciding jsonb, markets jsonb)
    )
    INSERT INTO compliance_clearance (subject, market, verdict, deciding, rulebook_version, judged_at)
    SELECT s.subject, said.market, said.verdict, said.deciding, %(version)s, %(now)s
    FROM {SUBJECTS} JOIN said USING (pattern)
"""  # noqa: S608 -- constants of this module
