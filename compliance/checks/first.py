"""First judgements of many subjects: what equal judgements say goes to the database once and is multiplied there.

A file of ten thousand products brings a hundred thousand findings, but only some dozens of
different judgements. Nothing is kept yet of these subjects, so there is nothing to compare with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from compliance.checks.findings import columns_of, is_about_merchant
from compliance.rulebook.book import Rulebook
from compliance.rulebook.duties import Judged
from compliance.rulebook.types import Finding

SAID = "rule, jurisdiction, field, severity, confidence, markets, what, fix, params, due_on"
OF_SAID = ", ".join(f"said.{name}" for name in SAID.split(", "))
OF_FOUND = ", ".join(f"f.{name}" for name in SAID.split(", "))


def keep(
    new: Mapping[str, Judged], marks: Mapping[str, Mapping[str, str]], *, book: Rulebook, now: datetime
) -> None:
    """Write the findings of subjects of which nothing is kept; `marks` are owner and category."""
    if new:
        with connection.cursor() as cursor:
            cursor.execute(KEEP_FINDINGS, _values(new, marks, book, now))


def keep_differences(
    judged: Mapping[str, Judged], marks: Mapping[str, Mapping[str, str]], *, book: Rulebook, now: datetime
) -> None:
    """Write how findings of subjects differ from what is open: close what is mended, refresh, open what is new.

    The caller holds the locks of the subjects' judgements. What is about sellers is left alone.
    """
    values = _values(judged, marks, book, now)
    with connection.cursor() as cursor:
        for statement in (CLOSE_FINDINGS, REFRESH_FINDINGS, OPEN_FINDINGS):
            cursor.execute(statement, values)


def _values(
    new: Mapping[str, Judged], marks: Mapping[str, Mapping[str, str]], book: Rulebook, now: datetime
) -> dict[str, Any]:
    patterns = list({id(one): one for one in new.values()}.values())
    number = {id(one): at for at, one in enumerate(patterns)}
    return {
        "subjects": list(new),
        "owners": [marks[subject]["owner"] for subject in new],
        "categories": [marks[subject]["category"] for subject in new],
        "patterns": [number[id(one)] for one in new.values()],
        "findings": said([one.findings for one in patterns], book),
        "version": book.version,
        "now": now,
    }


def said(patterns: Iterable[Sequence[Finding]], book: Rulebook) -> str:
    """Return what is found once, as JSON, with the places in `patterns` of those that found it; nothing on sellers."""
    found_in: dict[int, list[int]] = {}
    findings = {}
    for at, pattern in enumerate(patterns):
        for finding in pattern:
            if not is_about_merchant(finding.rule):
                findings[id(finding)] = finding
                found_in.setdefault(id(finding), []).append(at)
    rows = (
        {"patterns": found_in[key], "rule": one.rule, "jurisdiction": one.market, "field": one.field}
        | columns_of(one, book)
        for key, one in findings.items()
    )
    return json.dumps(list(rows), default=str)


SUBJECTS = """
    unnest(%(subjects)s::text[], %(owners)s::text[], %(categories)s::text[], %(patterns)s::int[])
        AS s(subject, owner, category, pattern)
"""

WITH_SAID = """
    WITH said AS MATERIALIZED (
        SELECT jsonb_array_elements_text(entry -> 'patterns')::int AS pattern, row.*
        FROM jsonb_array_elements(%(findings)s::jsonb) entry,
             jsonb_populate_record(NULL::compliance_finding, entry) row
    )
"""

KEEP_FINDINGS = f"""
    {WITH_SAID}
    INSERT INTO compliance_finding (
        subject, owner, category, {SAID}, rule_version, state, first_seen_at, last_seen_at)
    SELECT s.subject, s.owner, s.category, {SAID}, %(version)s, 'open', %(now)s, %(now)s
    FROM {SUBJECTS} JOIN said USING (pattern)
"""  # noqa: S608 -- constants of this module

_SAME = "f.rule = said.rule AND f.jurisdiction = said.jurisdiction AND f.field = said.field"
_IS_OPEN = "f.subject = s.subject AND f.state = 'open'"

OPEN_FINDINGS = f"""
    {KEEP_FINDINGS}
    WHERE NOT EXISTS (SELECT FROM compliance_finding f WHERE {_IS_OPEN} AND {_SAME})
"""

CLOSE_FINDINGS = f"""
    {WITH_SAID}
    UPDATE compliance_finding f
    SET state = 'closed', closed_at = %(now)s, last_seen_at = coalesce(j.judged_at, f.last_seen_at)
    FROM {SUBJECTS}, compliance_judgement j
    WHERE {_IS_OPEN} AND j.subject = s.subject
      AND NOT EXISTS (SELECT FROM said WHERE said.pattern = s.pattern AND {_SAME})
"""  # noqa: S608 -- constants of this module

REFRESH_FINDINGS = f"""
    {WITH_SAID}
    UPDATE compliance_finding f
    SET ({SAID}, rule_version, last_seen_at) = ({OF_SAID}, %(version)s, %(now)s)
    FROM {SUBJECTS} JOIN said USING (pattern)
    WHERE {_IS_OPEN} AND {_SAME} AND ({OF_FOUND}) IS DISTINCT FROM ({OF_SAID})
"""  # noqa: S608 -- constants of this module
