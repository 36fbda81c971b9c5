"""Reading what was judged, and putting findings into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from babel import Locale, UnknownLocaleError
from django.db.models import Count
from django.utils.translation import get_language, gettext, pgettext_lazy

from compliance import rulebook
from compliance.checks.findings import cited, columns_of
from compliance.checks.models import CheckRun, Finding, FindingQuerySet, Judgement
from compliance.rulebook import duties, types
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.silence import SENTENCES, silent_on
from compliance.rulebook.types import Cite, Verdict

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


def blocking_findings(subjects: Any, markets: Iterable[str]) -> FindingQuerySet:
    """Return the open findings that stop the sale of subjects (a list, or a query of them) in some markets."""
    rows = Finding.objects.open().filter(severity=Finding.Severity.BLOCK, subject__in=subjects)
    return rows.exclude(confidence="knowledge").filter(markets__overlap=list(markets))


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether a subject may be sold to a market, and what decides it: rule and field of the gravest findings."""

    market: str
    verdict: str  # sell, notice, blocked
    deciding: tuple[tuple[str, str], ...]


def clearances_of(subject: str) -> dict[str, Clearance]:
    """Return the clearances of a subject by market, none if it was never judged. Two queries."""
    row = judgement_of(subject)
    if row is None:
        return {}
    owner = f"merchant:{row.owner}" if row.owner else subject
    binding = findings_of(subject, owner).filter(due_on=None)
    deciding = _deciding(binding.values_list("severity", "rule", "field", "markets"))
    return {
        market: Clearance(market, str(name), tuple(deciding.get(market, ())))
        for name in Verdict
        for market in getattr(row, str(name))
    }


def _deciding(found: Iterable[tuple[str, str, str, list[str]]]) -> dict[str, list[tuple[str, str]]]:
    """Return rule and field of the gravest findings of each market, of findings in the order of their weight."""
    worst: dict[str, str] = {}
    deciding: dict[str, list[tuple[str, str]]] = {}
    for severity, rule, field, markets in found:
        for market in markets:
            if worst.setdefault(market, severity) == severity:
                deciding.setdefault(market, []).append((rule, field))
    return deciding


def judgement_of(subject: str) -> Judgement | None:
    """Return the latest judgement of a subject, None if it was never judged."""
    return Judgement.objects.filter(subject=subject).exclude(judged_at=None).first()


def judgements_of(subjects: Iterable[str]) -> dict[str, Judgement]:
    """Return the latest judgements by subject; those never judged are left out."""
    rows = Judgement.objects.filter(subject__in=list(subjects)).exclude(judged_at=None)
    return {row.subject: row for row in rows}


def fixes_of(owners: Mapping[str, str]) -> dict[str, int]:
    """Return how many fixes each subject needs, its owner's own among them; `owners` are owners by subject.

    The same number as `Panel.fixes`. Subjects that were never judged are left out. Two queries.
    """
    judged = Judgement.objects.filter(subject__in=list(owners)).exclude(judged_at=None)
    wanted = {*owners, *owners.values()}
    rows = Finding.objects.to_mend().filter(subject__in=wanted).order_by().values_list("subject")
    found = dict(rows.annotate(n=Count("pk")))
    return {
        subject: found.get(subject, 0) + found.get(owners[subject], 0)
        for subject in judged.values_list("subject", flat=True)
    }


def latest_run(kind: str) -> CheckRun | None:
    """Return the sweep of a kind that began last."""
    return CheckRun.objects.filter(kind=kind).order_by("-started_at").first()


@dataclass(frozen=True, slots=True)
class Panel:
    """Where a listing may be sold and what is to be mended: "sellable in 24 of 35 markets; 3 fixes"."""

    sell: tuple[str, ...]
    notice: tuple[str, ...]
    blocked: tuple[str, ...]
    findings: tuple[FindingView, ...]  # gravest first, the merchant's own among them

    @property
    def sellable(self) -> int:
        return len(self.sell) + len(self.notice)

    @property
    def markets(self) -> int:
        return self.sellable + len(self.blocked)

    @property
    def fixes(self) -> int:
        """How many findings must or should be mended; what is only announced does not count."""
        return sum(finding.severity != Finding.Severity.INFO for finding in self.findings)

    def verdicts(self) -> dict[str, str]:
        """Return the verdict of each market, in the markets' order."""
        by_verdict = {"sell": self.sell, "notice": self.notice, "blocked": self.blocked}
        found = {market: verdict for verdict, markets in by_verdict.items() for market in markets}
        return {market: found[market] for market in selling_markets() if market in found}


def panel_of(subject: str, *, merchant: str = "") -> Panel | None:
    """Return the stored panel of a subject (and its merchant's findings), None if it was never judged."""
    judgement = judgement_of(subject)
    if judgement is None:
        return None
    rows = findings_of(subject, merchant) if merchant else findings_of(subject)
    return Panel(
        sell=tuple(judgement.sell),
        notice=tuple(judgement.notice),
        blocked=tuple(judgement.blocked),
        findings=tuple(in_words(rows)),
    )


def silences(*, on: date) -> tuple[str, ...]:
    """Return what the rulebook has no rule for in some markets, one sentence each, in the reader's language."""
    book = rulebook.default()
    where: dict[str, list[str]] = {}
    for market in selling_markets():
        for topic in silent_on(book, market, on):
            where.setdefault(topic, []).append(market_name(market))
    return tuple(gettext(SENTENCES[topic]) % {"market": ", ".join(names)} for topic, names in where.items())


def preview(*, facts: Mapping[str, Any], today: date) -> Panel:
    """Return the panel that these facts would have; nothing is kept. For editors, while people type."""
    book = rulebook.default()
    judged = duties.judge(facts, book, on=today)
    by_verdict: dict[str, list[str]] = {"sell": [], "notice": [], "blocked": []}
    for market, judgement in judged.markets.items():
        by_verdict[judgement.verdict].append(market)
    rows = [unsaved(finding, today) for finding in judged.findings]
    rows.sort(key=lambda row: (Finding.Severity.values.index(row.severity), row.rule, row.field))
    return Panel(
        sell=tuple(by_verdict["sell"]),
        notice=tuple(by_verdict["notice"]),
        blocked=tuple(by_verdict["blocked"]),
        findings=tuple(in_words(rows)),
    )


def unsaved(finding: types.Finding, today: date) -> Finding:
    """Return a finding as the row it would be, for who only looks."""
    noon = datetime.combine(today, time(12), tzinfo=UTC)
    columns = columns_of(finding, rulebook.default())
    return Finding(
        rule=finding.rule, jurisdiction=finding.market, field=finding.field, last_seen_at=noon, **columns
    )


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
    book = rulebook.default()
    rule = book.rules.get(finding.rule)
    what, fix = say(finding)
    return FindingView(
        rule=finding.rule,
        title=gettext(rule.title) if rule else "",
        severity=finding.severity,
        jurisdiction=finding.jurisdiction,
        markets=tuple(finding.markets),
        field=finding.field,
        what=what,
        fix=fix,
        cites=cited(finding, book, finding.last_seen_at.date()),
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
