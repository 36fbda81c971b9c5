"""Reading what was judged, and putting findings into words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, gettext, pgettext_lazy

from compliance import rulebook
from compliance.checks.models import CheckRun, Clearance, Finding, FindingQuerySet, Judgement
from compliance.rulebook import duties
from compliance.rulebook.types import Cite

_VARIANTS = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}
_SUBDIVISIONS = {"US-CA": pgettext_lazy("market", "California")}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding in the reader's language."""

    rule: str
    title: str
    severity: str
    jurisdiction: str
    markets: tuple[str, ...]
    field: str
    what: str
    fix: str
    cites: tuple[Cite, ...]
    is_verified: bool  # False: nobody has read the provision in a source yet; it never stops a sale
    due_on: date | None
    params: dict


def findings_of(*subjects: str) -> FindingQuerySet:
    """Return the open findings of subjects, gravest first."""
    return Finding.objects.open().filter(subject__in=subjects).gravest_first()


def clearances_of(subject: str) -> dict[str, Clearance]:
    """Return the clearances of a subject by market."""
    return {row.market: row for row in Clearance.objects.filter(subject=subject)}


def judgement_of(subject: str) -> Judgement | None:
    """Return the latest judgement of a subject, None if it was never judged."""
    return Judgement.objects.filter(subject=subject).exclude(judged_at=None).first()


def judgements_of(subjects: Iterable[str]) -> dict[str, Judgement]:
    """Return the latest judgements by subject; those never judged are left out."""
    rows = Judgement.objects.filter(subject__in=list(subjects)).exclude(judged_at=None)
    return {row.subject: row for row in rows}


def latest_run(kind: str) -> CheckRun | None:
    """Return the sweep of a kind that began last."""
    return CheckRun.objects.filter(kind=kind).order_by("-started_at").first()


def in_words(findings: Iterable[Finding]) -> list[FindingView]:
    """Return findings in the active language, with their sources."""
    return [_view(finding) for finding in findings]


def say(finding: Finding) -> tuple[str, str]:
    """Return what is wrong and how to mend it, in the active language."""
    words = (gettext, language_name, market_name)
    return (
        duties.sentence(finding.what, finding.params, *words),
        duties.sentence(finding.fix, finding.params, *words),
    )


def language_name(code: str) -> str:
    """Return the name of a language in the active language."""
    return _locale().languages.get(_VARIANTS.get(code, code.replace("-", "_")), code)


def market_name(code: str) -> str:
    """Return the name of a market in the active language."""
    if code in _SUBDIVISIONS:
        return str(_SUBDIVISIONS[code])
    return _locale().territories.get(code, code)


def _view(finding: Finding) -> FindingView:
    rule = rulebook.default().rules.get(finding.rule)
    what, fix = say(finding)
    version = (rule.version_on(finding.last_seen_at.date()) or rule.versions[-1]) if rule else None
    return FindingView(
        rule=finding.rule,
        title=gettext(rule.title) if rule else "",
        severity=finding.severity,
        jurisdiction=finding.jurisdiction,
        markets=tuple(finding.markets),
        field=finding.field,
        what=what,
        fix=fix,
        cites=version.cites if version else (),
        is_verified=finding.confidence != "knowledge",
        due_on=finding.due_on,
        params=finding.params,
    )


def _locale() -> Locale:
    code = get_language() or "en"
    try:
        return Locale.parse(_VARIANTS.get(code, code.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
