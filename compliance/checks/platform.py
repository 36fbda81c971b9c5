"""Keeping what the marketplace itself owes: the same findings as for listings, on the subject `platform:self`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from compliance import rulebook
from compliance.checks.models import Finding, FindingQuerySet, Judgement
from compliance.checks.operations import keep_findings
from compliance.checks.registry import DESCRIBERS, Described
from compliance.rulebook import own_processes
from compliance.rulebook.markets import selling_markets

SUBJECT = "platform:self"


@transaction.atomic
def judge_platform(*, now: datetime, given: Mapping[str, Mapping[str, Any]] | None = None) -> Judgement:
    """Judge the marketplace's own processes by the law of the day and keep what is missed."""
    Judgement.objects.bulk_create([Judgement(subject=SUBJECT)], ignore_conflicts=True)
    row = Judgement.objects.select_for_update().get(subject=SUBJECT)
    book = rulebook.default()
    found = own_processes.owed(book, markets=selling_markets(), on=now.date(), given=given)
    keep_findings(
        {(SUBJECT, one.rule, one.market, one.field): one for one in found},
        {SUBJECT: {"owner": "", "category": ""}},
        {SUBJECT: row.judged_at},
        book,
        now,
    )
    row.open_findings, row.rulebook_version = len(found), book.version
    row.judged_for, row.judged_at = now.date(), now
    row.save()
    return row


def open_findings() -> FindingQuerySet:
    """Return what the marketplace owes, gravest first."""
    return Finding.objects.open().filter(subject=SUBJECT).gravest_first()


def describe(ids: Sequence[str]) -> dict[str, Described]:
    """Return what an officer sees of the marketplace as a subject."""
    title = gettext("This marketplace")
    return {one: Described(title, "", title, reverse("law-platform")) for one in ids}


DESCRIBERS["platform"] = describe
