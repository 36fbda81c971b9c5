"""``clearance``: may this listing be sold to this market, and what is to be mended?

The facts are ``market``, ``on`` and ``listing``, the documented record of facts.yaml; the record
may also stand beside ``market`` and ``on`` directly. Rules that nobody has read in a source are
answered as unverified and never block. What no rule of the market speaks of is named in
``not_in_rulebook`` (claims, substances): where nobody looked, nothing is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from compliance.rulebook.book import Rulebook, UnknownJurisdiction
from compliance.rulebook.calculators.facts_in import EARLIEST, LATEST
from compliance.rulebook.duties import Judgement, judge_complete, say
from compliance.rulebook.facts import read
from compliance.rulebook.silence import sentences, silent_on
from compliance.rulebook.types import Answer, Confidence, Finding, Ruling, Verdict
from marketplace.kernel.errors import Invalid

_SENTENCES = {
    Verdict.SELL: "Nothing stands in the way: the listing may be sold to %s.",
    Verdict.NOTICE: "The listing may be sold to %s, with a notice of what is not yet in order.",
    Verdict.BLOCKED: "The listing must not be sold to %s until the gravest findings are mended.",
}


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``clearance``. Raises Invalid naming the field."""
    market, on = _market(facts, book), _day(facts)
    listing = read(_listing(facts), on=on)
    judged = judge_complete(listing, book, markets=(market,), on=on)
    judgement = judged.markets[market]
    silent = sentences(book, market, on)
    coming = tuple(finding for finding in judged.findings if finding.due_on)
    return Answer(
        answer={
            "market": market,
            "on": on.isoformat(),
            "verdict": str(judgement.verdict),
            "findings": [_plain(finding) for finding in (*judgement.findings, *coming)],
            "certain": not any(finding.confidence is Confidence.KNOWLEDGE for finding in judgement.findings),
            "not_in_rulebook": list(silent_on(book, market, on)),
        },
        rulings=_rulings(judgement, book, on),
        explain=(*_explain(judgement), *map(str, silent)),
        doubts=silent,
    )


def _market(facts: Mapping[str, Any], book: Rulebook) -> str:
    market = facts.get("market")
    if not isinstance(market, str) or not book.covers(market):
        raise UnknownJurisdiction(f"We do not know the market {market!r}.", field="market")
    return market


def _day(facts: Mapping[str, Any]) -> date:
    given = facts.get("on")
    try:
        day = given if isinstance(given, date) else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise Invalid("on is the day to judge for, such as 2026-11-23.", field="on") from None
    if not EARLIEST <= day <= LATEST:
        raise Invalid("%(name)s is out of range: %(day)s.", field="on", name="on", day=day.isoformat())
    return day


def _listing(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    beside = {name: value for name, value in facts.items() if name not in ("market", "on", "listing")}
    if "listing" not in facts:
        return beside
    channel = {"channel": beside.pop("channel")} if "channel" in beside else {}
    if beside:
        raise Invalid(f"There is no fact called {min(beside)!r} beside listing.", field=min(beside))
    if not isinstance(facts["listing"], Mapping):
        raise Invalid("listing is the record of facts.", field="listing")
    return {**facts["listing"], **channel}


def _plain(finding: Finding) -> dict[str, Any]:
    what, fix = say(finding)
    return {
        "rule": finding.rule,
        "jurisdiction": finding.market,
        "severity": str(finding.severity),
        "what": what,
        "fix": fix,
        "field": finding.field,
        "confidence": str(finding.confidence),
        "due_on": finding.due_on.isoformat() if finding.due_on else None,
        "cites": [{"act": cite.act, "at": cite.at, "url": cite.url} for cite in finding.cites],
    }


def _rulings(judgement: Judgement, book: Rulebook, on: date) -> tuple[Ruling, ...]:
    found = []
    for rule_id in dict.fromkeys(finding.rule for finding in judgement.findings):
        rule = book.rules[rule_id]
        version = rule.version_on(on)
        if version is not None:
            found.append(rule.ruling(version))
    return tuple(found)


def _explain(judgement: Judgement) -> tuple[str, ...]:
    lines = [_SENTENCES[judgement.verdict] % judgement.market]
    for finding in judgement.findings:
        unverified = " (unverified)" if finding.confidence is Confidence.KNOWLEDGE else ""
        lines.append(f"{say(finding)[0]} {finding.rule}, {finding.severity}{unverified}.")
    return tuple(lines)
