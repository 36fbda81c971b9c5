"""Judging: which duties a listing does not meet, and in which markets it may be sold.

A duty applies where its groups touch the listing's and its `when` holds; it is met if its `must`
holds or all its `needs` are filled in, and, with the parameter `language`, if what it asks for is
in the languages of the market. Each duty is looked at once a listing, however many markets it
rules; only conditions that read `market` are looked at once a market.

A finding names the jurisdiction whose rule it is ("EU"). If the duty is missed in some markets
only (a missing translation, a register number of one country), `params["markets"]` names them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

import cel

from compliance.rulebook import fields, warning_texts
from compliance.rulebook.book import Law, Rule, Rulebook, Version
from compliance.rulebook.cel_conditions import context_of
from compliance.rulebook.claims import PLACES, ClaimFinder
from compliance.rulebook.document_finder import DocumentFinder
from compliance.rulebook.facts import Facts, complete
from compliance.rulebook.finders import Finder, Found, MakeFinder
from compliance.rulebook.markets import languages_missing, selling_markets
from compliance.rulebook.substance_finder import NameFinder, NanoFinder, SubstanceFinder
from compliance.rulebook.types import Confidence, Finding, Severity, Status, Verdict

HORIZON = timedelta(days=120)  # how far ahead a coming duty is announced
NOT_IN_LANGUAGE = ("“%(label)s” is missing in: %(languages)s.", "Add the translation.")
FINDERS: Mapping[str, MakeFinder] = {
    "substances": SubstanceFinder,
    "ingredient_names": NameFinder,
    "nano_marks": NanoFinder,
    "claims": ClaimFinder,
    "ended_documents": DocumentFinder,
}
_RANK = {Severity.BLOCK: 3, Severity.HIGH: 2, Severity.MEDIUM: 1, Severity.INFO: 0}
_VERDICTS = (Verdict.SELL, Verdict.NOTICE, Verdict.NOTICE, Verdict.BLOCKED)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found for one market. `findings` decide the verdict, gravest first."""

    market: str
    verdict: Verdict
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A listing judged: a verdict for each market, and every finding once."""

    markets: Mapping[str, Judgement]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Duty:
    """One duty of one day with the markets it rules: a line of a plan. Compared by identity."""

    rule: Rule
    version: Version
    markets: tuple[str, ...]
    reads_market: bool
    needs: tuple[tuple[str, str], ...]  # (fact, attribute)
    language: str  # "", "market", "any"
    coming: date | None = None  # the day it begins to bind, if it does not bind yet
    finding: Finding = field(default=None)  # type: ignore[assignment] -- filled right below
    finder: Finder | None = None  # who looks, if no condition does


def binding_severity(severity: Severity, confidence: Confidence) -> Severity:
    """Return the severity a finding may have: law that nobody has read in a source never blocks."""
    if severity is Severity.BLOCK and confidence is Confidence.KNOWLEDGE:
        return Severity.HIGH
    return severity


def judge(
    raw: Mapping[str, Any], book: Rulebook, *, markets: tuple[str, ...] | None = None, on: date
) -> Judged:
    """Judge one listing's facts (as our own code makes them) for these markets on a day.

    Raises Invalid for a category or market that does not exist.
    """
    return judge_complete(complete(raw, on=on), book, markets=markets or selling_markets(), on=on)


def judge_complete(facts: Facts, book: Rulebook, *, markets: tuple[str, ...], on: date) -> Judged:
    """Judge facts from `facts.read` or `facts.complete`."""
    context = context_of({name: value for name, value in facts.items() if name != "texts"})
    duties = plan(book, on, markets, frozenset(facts["groups"]))
    return judged_from(markets, tuple(miss for duty in duties for miss in misses_of(duty, facts, context)))


@lru_cache(maxsize=2048)
def judged_from(markets: tuple[str, ...], misses: tuple[Miss, ...]) -> Judged:
    """What is missed decides everything else, so listings that miss the same share one judgement."""
    by_market: dict[str, list[Finding]] = {market: [] for market in markets}
    for miss in misses:
        if miss.finding.due_on is None:
            for market, finding in miss.by_market:
                by_market[market].append(finding)
    found = tuple(miss.finding for miss in misses)
    return Judged({market: _judgement(market, items) for market, items in by_market.items()}, found)


def without(judged: Judged, exempt: Collection[tuple[str, str]]) -> Judged:
    """Return a judgement in which some (rule, field) pairs do not count."""
    if not exempt:
        return judged
    markets = {
        market: _judgement(market, [one for one in row.findings if (one.rule, one.field) not in exempt])
        for market, row in judged.markets.items()
    }
    findings = tuple(one for one in judged.findings if (one.rule, one.field) not in exempt)
    return Judged(markets, findings)


def _judgement(market: str, findings: list[Finding]) -> Judgement:
    ordered = sorted(findings, key=lambda item: (-_RANK[item.severity], item.rule, item.field))
    worst = _RANK[ordered[0].severity] if ordered else 0
    return Judgement(market, _VERDICTS[worst], tuple(ordered))


# -- the plan: what to look at for these groups, markets and this day


@lru_cache(maxsize=4096)
def plan(book: Rulebook, on: date, markets: tuple[str, ...], groups: frozenset[str]) -> tuple[Duty, ...]:
    """Return the duties to look at, in the order of their ids."""
    return tuple(duty for duty in _duties(book, on, markets) if groups.intersection(duty.rule.groups))


def fields_asked(book: Rulebook, groups: Iterable[str], market: str, *, on: date) -> Mapping[str, Severity]:
    """Return the fields that a market's duties can ask of these groups, with the gravest severity."""
    asked: dict[str, Severity] = {}
    for duty in plan(book, on, (market,), frozenset(groups)):
        keys = [attribute or name for name, attribute in duty.needs] or [duty.finding.field]
        for key in keys:
            if key not in asked or _RANK[asked[key]] < _RANK[duty.finding.severity]:
                asked[key] = duty.finding.severity
    return asked


def disclosures_asked(book: Rulebook, groups: Iterable[str], *, on: date) -> frozenset[str]:
    """Return the disclosures that some market's duties, binding or announced, need of these groups."""
    duties = plan(book, on, selling_markets(), frozenset(groups))
    return frozenset(key for duty in duties for name, key in duty.needs if name == "disclosures")


@lru_cache(maxsize=4096)
def law_key(book: Rulebook, on: date, markets: tuple[str, ...], groups: frozenset[str]) -> str:
    """Return a digest of what binds these groups and what is announced: equal digests judge facts alike."""
    lines = [_line(duty) for duty in plan(book, on, markets, groups)]
    return hashlib.blake2b("\n".join([book.tables, *lines]).encode(), digest_size=16).hexdigest()


def groups_between(
    before: tuple[Rulebook, date], after: tuple[Rulebook, date], markets: tuple[str, ...]
) -> frozenset[str]:
    """Return the groups whose duties differ between two laws (a book on a day); nobody else is touched."""
    old = {_line(duty): duty for duty in _duties(*before, markets)}
    new = {_line(duty): duty for duty in _duties(*after, markets)}
    changed = [(old.get(key) or new[key]) for key in old.keys() ^ new.keys()]
    return frozenset(group for duty in changed for group in duty.rule.groups)


def rules_between(
    before: tuple[Rulebook, date], after: tuple[Rulebook, date], markets: tuple[str, ...]
) -> frozenset[str]:
    """Return the duties that bind otherwise between two laws (a book on a day); announcements do not count."""
    old, new = (
        {_line(duty) for duty in _duties(*law, markets) if duty.coming is None} for law in (before, after)
    )
    return frozenset(line.split(" ", 1)[0] for line in old ^ new)


def lines(book: Rulebook, on: date, markets: tuple[str, ...]) -> Mapping[str, Duty]:
    """Return each duty of a day by a line that says how it binds: duties of equal lines judge profiles alike."""
    day = {
        duty: f" {on}" if duty.version.finds == "ended_documents" else ""
        for duty in _duties(book, on, markets)
    }
    return {f"{_line(duty)}{day[duty]}": duty for duty in day}


def _line(duty: Duty) -> str:
    where = ",".join(duty.markets) + (f" {duty.finder.key}" if duty.finder else "")
    return f"{duty.rule.id} {duty.rule.digest} {duty.version.since} {duty.coming} {where}"


@lru_cache(maxsize=64)
def _duties(book: Rulebook, on: date, markets: tuple[str, ...]) -> tuple[Duty, ...]:
    law = book.on(on)
    ruled: dict[tuple[str, date], list[str]] = {}
    lines: dict[tuple[str, date], tuple[Rule, Version, date | None]] = {}
    for market in markets:
        for rule, version, coming in (*_binding(law, market), *_coming(book, on, market)):
            key = (rule.id, version.since)
            lines[key] = (rule, version, coming)
            ruled.setdefault(key, []).append(market)
    made = (_duty(*lines[key], tuple(ruled[key])) for key in sorted(lines))
    return tuple(_with_finder(duty, book, on) for duty in made)


def _with_finder(duty: Duty, book: Rulebook, on: date) -> Duty:
    make = FINDERS.get(duty.version.finds)
    return replace(duty, finder=make(duty.version.params, on, duty.markets, book)) if make else duty


def _binding(law: Law, market: str) -> Iterator[tuple[Rule, Version, None]]:
    for item in law.duties(market, about="listing"):
        yield item.rule, item.version, None


def _coming(book: Rulebook, on: date, market: str) -> Iterator[tuple[Rule, Version, date]]:
    """Duties that begin within the horizon; a new version of a binding one is not announced."""
    for since, rule, version in book.changes_between(on, on + HORIZON, market):
        is_new = rule.kind == "duty" and rule.about == "listing" and rule.version_on(on) is None
        if is_new and version.status in (Status.IN_FORCE, Status.PENDING):
            yield rule, version, since


def _duty(rule: Rule, version: Version, coming: date | None, markets: tuple[str, ...]) -> Duty:
    severity = binding_severity(version.severity or Severity.MEDIUM, version.confidence)
    finding = Finding(
        rule=rule.id,
        market=rule.jurisdiction,
        severity=Severity.INFO if coming else severity,
        what=version.fields["what"],
        fix=version.fields["fix"],
        field=str(version.fields.get("field", "")).removeprefix("disclosures."),
        cites=version.cites,
        confidence=version.confidence,
        due_on=coming,
        params={} if version.finds else {key: v for key, v in version.params.items() if key != "language"},
    )
    return Duty(
        rule=rule,
        version=version,
        markets=markets,
        reads_market=any("market" in c.program.variables() for c in (version.when, version.must) if c),
        needs=tuple(
            (name, attribute) for name, _, attribute in (need.partition(".") for need in version.needs)
        ),
        language=version.params.get("language", ""),
        coming=coming,
        finding=finding,
    )


# -- looking at one duty


@dataclass(frozen=True, slots=True, eq=False)
class Miss:
    """A finding as it is kept, once, and as it reads in each market it hits. Compared by identity."""

    finding: Finding
    by_market: tuple[tuple[str, Finding], ...]


def misses_of(duty: Duty, facts: Facts, context: cel.Context) -> Iterator[Miss]:
    """Yield what one duty misses in these facts; `context` is made of them."""
    if duty.finder is not None:
        if _applies(duty, context):
            yield from (_found(duty, one) for one in duty.finder.find(facts))
        return
    if not duty.reads_market:
        if _applies(duty, context):
            yield from _looked_at(duty, facts, context)
        return
    where = tuple(market for market in duty.markets if not _is_met_in(market, duty, facts, context))
    if where:
        yield _missed_in(duty, where)


def _applies(duty: Duty, context: cel.Context) -> bool:
    return duty.version.when is None or duty.version.when.holds(context)


def _is_met_in(market: str, duty: Duty, facts: Facts, context: cel.Context) -> bool:
    context.add_variable("market", market)
    return not _applies(duty, context) or _is_met(duty, facts, context)


def _is_met(duty: Duty, facts: Facts, context: cel.Context) -> bool:
    must = duty.version.must
    return must.holds(context) if must else all(_is_given(facts, *need) for need in duty.needs)


def _looked_at(duty: Duty, facts: Facts, context: cel.Context) -> Iterator[Miss]:
    if duty.version.must is not None and not duty.version.must.holds(context):
        yield _missed(duty, "")
        return
    asked = [f"{name}.{attribute}" if attribute else name for name, attribute in duty.needs]
    for need, name in zip(duty.needs, asked, strict=True):
        if not _is_given(facts, *need):
            yield _missed(duty, name.removeprefix("disclosures."))
    if duty.language:
        for key in [name.removeprefix("disclosures.") for name in asked] or [duty.finding.field]:
            available = _languages_of(key, facts)
            untranslated = _untranslated(duty, key, available) if available is not None else None
            if untranslated is not None:
                yield untranslated


def _is_given(facts: Facts, name: str, attribute: str) -> bool:
    if name == "disclosures":
        return attribute in facts["disclosures"]
    return bool(facts[name].get(attribute) if attribute else facts[name])


# What is found depends on few things only, so each is made once and shared by all listings.


@lru_cache(maxsize=8192)
def _missed(duty: Duty, key: str) -> Miss:
    """The duty is missed in all its markets; `key` names what is not filled in, if that is the reason."""
    finding = _about(duty.finding, key) if key else duty.finding
    return Miss(finding, tuple((market, finding) for market in duty.markets))


@lru_cache(maxsize=8192)
def _missed_in(duty: Duty, where: tuple[str, ...]) -> Miss:
    """The duty is missed in some of its markets."""
    finding = duty.finding
    return Miss(
        replace(finding, params={**finding.params, "markets": list(where)}),
        tuple((market, replace(finding, params={**finding.params, "markets": [market]})) for market in where),
    )


@lru_cache(maxsize=32768)
def _found(duty: Duty, found: Found) -> Miss:
    """What a finder found, as a finding; never graver than the duty, nor than what was read allows."""
    said = duty.finding
    due_on = said.due_on or found.due_on
    confidence = found.confidence or said.confidence
    worst = min(said.severity, found.severity or said.severity, key=_RANK.__getitem__)
    own = {name: list(value) if isinstance(value, tuple) else value for name, value in found.params}
    params = {**said.params, **own}
    if found.cites:
        params["cites"] = [{"act": cite.act, "at": cite.at, "url": cite.url} for cite in found.cites]
    finding = replace(
        said,
        market=found.jurisdiction or said.market,
        field=found.field,
        severity=Severity.INFO if due_on else binding_severity(worst, confidence),
        confidence=confidence,
        cites=found.cites or said.cites,
        due_on=due_on,
        params={**params, "markets": list(found.markets)},
    )
    return Miss(finding, tuple((market, finding) for market in found.markets))


@lru_cache(maxsize=32768)
def _untranslated(duty: Duty, key: str, available: frozenset[str]) -> Miss | None:
    """A text is there, but some markets would not understand it."""
    any_will_do = duty.language == "any"
    absent = {m: languages_missing(m, available, any_will_do=any_will_do) for m in duty.markets}
    absent = {market: codes for market, codes in absent.items() if codes}
    if not absent:
        return None
    codes = dict.fromkeys(code for some in absent.values() for code in some)
    return Miss(
        _in_languages(duty, key, tuple(codes), tuple(absent)),
        tuple((market, _in_languages(duty, key, some, (market,))) for market, some in absent.items()),
    )


def _in_languages(duty: Duty, key: str, codes: tuple[str, ...], markets: tuple[str, ...]) -> Finding:
    what, fix = NOT_IN_LANGUAGE
    finding = _about(duty.finding, key)
    params = {**finding.params, "languages": list(codes), "markets": list(markets)}
    return replace(finding, what=what, fix=fix, params=params)


def _languages_of(key: str, facts: Facts) -> frozenset[str] | None:
    """Return the languages a text is given in; None if there is no text to translate."""
    if key == "description":
        return frozenset(map(str.lower, facts["title_languages"])) & frozenset(
            map(str.lower, facts["description_languages"])
        )
    if key == "warnings" and key not in facts["disclosures"]:
        codes = [code for code in facts["warned"] if warning_texts.is_for(code, "EU")]
        return frozenset.intersection(*map(warning_texts.languages_with, codes)) if codes else None
    known, value = fields.fields().get(key), facts["disclosures"].get(key)
    return fields.languages_in(value) if known and known.translatable and value is not None else None


@cache
def _labels(key: str) -> tuple[str, str]:
    known = fields.fields().get(key)
    return (known.label, known.help) if known else (_FACT_LABELS.get(key, key), "")


def label_of(key: str) -> str:
    """Return the English name of a fact or disclosure that a duty asks for."""
    return _labels(key.removeprefix("disclosures."))[0]


def _about(finding: Finding, key: str) -> Finding:
    label, help_text = _labels(key)
    return replace(finding, field=key, params={**finding.params, "label": label, "help": help_text})


_FACT_LABELS: Mapping[str, str] = {
    "description": "Title and description",
    "manufacturer.name": "Name of the manufacturer",
    "manufacturer.address": "Postal address of the manufacturer",
    "manufacturer.email": "E-mail or web address of the manufacturer",
    "responsible_person.name": "Name of the responsible person in the EU",
    "responsible_person.address": "Postal address of the responsible person in the EU",
    "responsible_person.email": "E-mail or web address of the responsible person in the EU",
    "merchant.kind": "Trader or private seller",
    "merchant.legal_name": "Legal name of the seller",
    "merchant.address": "Address of the seller",
    "merchant.country": "Country of the seller",
    "merchant.email": "E-mail address of the seller",
    "merchant.phone": "Telephone number of the seller",
    "merchant.representative_name": "Name of the person responsible at the seller",
    "merchant.return_terms": "Return terms of the seller",
    "merchant.delivery_time_stated": "Delivery time",
}


def say(
    finding: Finding,
    *,
    translate: Callable[[str], str] = str,
    language_name: Callable[[str], str] = str,
    market_name: Callable[[str], str] = str,
) -> tuple[str, str]:
    """Return what is wrong and how to mend it, as two sentences. `translate` knows `messages()`."""
    return tuple(  # type: ignore[return-value] -- two in, two out
        sentence(text, finding.params, translate, language_name, market_name)
        for text in (finding.what, finding.fix)
    )


def sentence(
    text: str,
    params: Mapping[str, Any],
    translate: Callable[[str], str] = str,
    language_name: Callable[[str], str] = str,
    market_name: Callable[[str], str] = str,
) -> str:
    """Return one sentence of a finding with its particulars filled in, all of it translated."""
    said: dict[str, Any] = {}
    for name, value in params.items():
        if name == "languages":
            said[name] = ", ".join(map(language_name, value))
        elif name == "markets":
            said[name] = ", ".join(map(market_name, value))
        elif name == "cites":
            continue  # shown beside the sentence
        elif name == "warning":
            warning = warning_texts.text_of(value, "en")
            said[name] = warning.text if warning else value
        else:
            said[name] = translate(value) if value else ""
    return (translate(text) % said).strip() if said else translate(text)


@cache
def messages() -> tuple[str, ...]:
    """Return every English sentence and name that findings are made of, for the translators."""
    from compliance.rulebook import default

    said: set[str] = {*NOT_IN_LANGUAGE, *_FACT_LABELS.values(), *PLACES.values()}
    for rule in default().rules.values():
        if rule.kind == "duty":
            said.add(rule.title)
            for version in rule.versions:
                said |= {version.fields["what"], version.fields["fix"]}
                said |= {
                    str(version.params[key]) for key in ("document", "statement") if key in version.params
                }
    for known in fields.fields().values():
        said |= {known.label, known.help}
    return tuple(sorted(said))
