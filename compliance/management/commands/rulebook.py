"""Look at the rulebook: ``rulebook check``, ``show eu.withdrawal.period 2026-11-23``, ``diff``, ``cases``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.rulebook import checking
from compliance.rulebook.book import Rule, Rulebook, Version
from compliance.rulebook.coverage import ENOUGH, families
from compliance.rulebook.loader import amended, load_rulebook
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.strict_yaml import BookRefused
from compliance.rulebook.worked_cases import differences, load_cases
from marketplace.kernel import clock


class Command(BaseCommand):
    help = (
        "Check the rulebook's data, show a rule on a day, compare rulebooks or days, count the worked cases."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        commands.add_parser("check", help="load everything; print what is refused as file:line: reason")
        show = commands.add_parser("show", help="print a rule, or all rules under a name")
        show.add_argument("rule", help="a rule id such as eu.withdrawal.period, or the beginning of some")
        show.add_argument("day", nargs="?", help="a date such as 2026-11-23; today if absent")
        diff = commands.add_parser(
            "diff", help="say what a rule file, another rulebook or a later day changes"
        )
        diff.add_argument("other", help="a rule file, a directory with rules/, or a day")
        diff.add_argument("until", nargs="?", help="a second day, to say what changes between the two")
        cases = commands.add_parser("cases", help="run the worked cases and count them by family")
        cases.add_argument("--all", action="store_true", help="list families with enough cases, too")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "check":
            self._check()
        elif options["what"] == "show":
            self._show(options["rule"], _day(options["day"]))
        elif options["what"] == "diff":
            self._diff(options["other"], options["until"])
        else:
            self._cases(options["all"])

    def _check(self) -> None:
        refusals = checking.check()
        for refusal in refusals:
            self.stderr.write(str(refusal))
        if refusals:
            raise CommandError(f"{len(refusals)} faults in the rulebook.")
        book = load_rulebook()
        self.stdout.write(
            f"{len(book.rules)} rules for {len(book.markets())} markets, version {book.version}."
        )

    def _show(self, rule_id: str, day: date) -> None:
        try:
            book = load_rulebook()
        except BookRefused as refused:
            raise CommandError(str(refused)) from None
        found = [
            rule for rule in book.rules.values() if rule.id == rule_id or rule.id.startswith(rule_id + ".")
        ]
        if not found:
            raise CommandError(f"There is no rule {rule_id}.")
        self.stdout.write("\n\n".join(_shown(rule, day) for rule in found))

    def _diff(self, other: str, until: str | None) -> None:
        book = load_rulebook()
        if until is not None:
            lines = list(_changes(book, _day(other), _day(until)))
        else:
            try:
                lines = list(_differences(book, _other_book(book, Path(other))))
            except BookRefused as refused:
                raise CommandError(str(refused)) from None
        self.stdout.write("\n".join(lines) or "No rule differs.")

    def _cases(self, show_all: bool) -> None:
        book, cases = load_rulebook(), load_cases()
        wrong = {case: found for case in cases if (found := differences(case, book))}
        found = families(book, cases)
        for family in found:
            if show_all or not family.is_covered:
                self.stdout.write(
                    f"{family.kind:5} {family.name:40} {family.rules:4} rules {family.cases:4} cases"
                )
        short = sum(not family.is_covered for family in found)
        self.stdout.write(
            f"{len(cases)} worked cases; {len(found) - short} of {len(found)} families have {ENOUGH} or more."
        )
        for case, differing in wrong.items():
            self.stderr.write(f"{case.file}:{case.line}: {'; '.join(map(str, differing))}")
        if wrong:
            raise CommandError(f"{len(wrong)} cases are not answered as they say.")


def _other_book(book: Rulebook, path: Path) -> Rulebook:
    """Return the rulebook in a directory, or the present one with a rule file added or replaced."""
    if path.is_dir():
        return load_rulebook(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    named = re.search(r"^id:\s*([\w.-]+)", text, re.MULTILINE)
    if named is None:
        raise CommandError(f"{path} names no rule: it has no line `id: …`.")
    return amended(book, {named[1]: text})


def _differences(old: Rulebook, new: Rulebook) -> Iterator[str]:
    for rule_id in sorted(old.rules.keys() | new.rules.keys()):
        before, after = old.rules.get(rule_id), new.rules.get(rule_id)
        if before is None or after is None:
            rule = before or after
            sign = "-" if after is None else "+"
            yield f"{sign} {rule_id}  ({rule.kind})"
            yield from (
                f"    {sign} from {version.since}: {_said(rule, version)}" for version in rule.versions
            )
        elif before.digest != after.digest:
            yield f"~ {rule_id}  ({after.kind})"
            yield from difflib.ndiff(*(_as_lines(rule) for rule in (before, after)))
    yield from (
        f"+ {code}  (jurisdiction)" for code in sorted(new.jurisdictions.keys() - old.jurisdictions.keys())
    )
    yield from (
        f"- {code}  (jurisdiction)" for code in sorted(old.jurisdictions.keys() - new.jurisdictions.keys())
    )


def _as_lines(rule: Rule) -> list[str]:
    return [
        f"from {version.since}: {_said(rule, version)} [{version.status}, {version.confidence}]"
        + (f" {version.severity}" if version.severity else "")
        + (f" when {version.when.source}" if version.when else "")
        + (f" must {version.must.source}" if version.must else "")
        + (f" needs {', '.join(version.needs)}" if version.needs else "")
        for version in rule.versions
    ]


def _changes(book: Rulebook, day: date, until: date) -> Iterator[str]:
    """Say what begins to say something else between two days, once for all markets that it governs."""
    found: dict[tuple[date, str], list[str]] = {}
    for market in selling_markets():
        for since, rule, _ in book.changes_between(day, until, market):
            found.setdefault((since, rule.id), []).append(market)
    for since, rule_id in sorted(found):
        rule = book.rules[rule_id]
        version = next(one for one in rule.versions if one.since == since)
        yield f"{since} {rule_id} [{version.status}]: {_said(rule, version)}  ({', '.join(found[since, rule_id])})"


def _day(text: str | None) -> date:
    if text is None:
        return clock.now().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is not a date such as 2026-11-23.") from None


def _shown(rule: Rule, day: date) -> str:
    version = rule.version_on(day)
    lines = [
        f"{rule.id}  ({rule.kind}, {rule.status}, {rule.confidence}, checked {rule.checked_on})",
        rule.title,
    ]
    lines += _version_lines(rule, version) if version else [f"  not in force on {day}"]
    lines += [f"  note: {rule.note}"] if rule.note else []
    lines += [
        f"  from {other.since}: {_said(rule, other)}" for other in rule.versions if other is not version
    ]
    return "\n".join([*lines, f"  {rule.file}"])


def _version_lines(rule: Rule, version: Version) -> list[str]:
    until = f" until {version.until}" if version.until else ""
    cites = [f"  {cite.act} {cite.at} {cite.url}".rstrip() for cite in version.cites]
    return [f"  since {version.since}{until}: {_said(rule, version)}", *cites]


def _said(rule: Rule, version: Version) -> str:
    if rule.kind == "term":
        return f"{version.value} {rule.unit}" + (f" (counting: {rule.counting})" if rule.counting else "")
    return str(
        version.fields.get("what")
        or version.fields.get("text")
        or version.fields.get("wording")
        or version.value
    )
