"""Look at the rulebook: ``rulebook check`` and ``rulebook show eu.withdrawal.period 2026-11-23``."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.rulebook import checking
from compliance.rulebook.book import Rule, Version
from compliance.rulebook.loader import load_rulebook
from compliance.rulebook.strict_yaml import BookRefused
from marketplace.kernel import clock


class Command(BaseCommand):
    help = "Check every data file of the rulebook, or show a rule as it stood on a day."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        commands.add_parser("check", help="load everything; print what is refused as file:line: reason")
        show = commands.add_parser("show", help="print a rule, or all rules under a name")
        show.add_argument("rule", help="a rule id such as eu.withdrawal.period, or the beginning of some")
        show.add_argument("day", nargs="?", help="a date such as 2026-11-23; today if absent")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "check":
            self._check()
        else:
            self._show(options["rule"], _day(options["day"]))

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
