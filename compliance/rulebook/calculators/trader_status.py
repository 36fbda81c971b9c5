"""What a seller's sales make of it, and what it owes by when: identify, verify, disclose, suspend.

Two families. Where a threshold of sales decides (US), the sales of months in a row are summed over
every window that the law names, and the days run from the month in which the threshold was passed.
Where each trader is identified before it sells (EU), there is nothing to count. Facts beyond the
table of calculators: `on`, the day asked about, and `details_given_on`. A row of `sales` is one
month (`month: "2026-10"`); rows without a month are months in a row that end with the month of `on`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from compliance.rulebook.book import InForce, Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning, length_of
from compliance.rulebook.contracts import read_amount
from compliance.rulebook.periods import DAY, Calendar, add_months
from compliance.rulebook.types import Answer
from compliance.rulebook.words import noop as _

ZERO = Decimal(0)
IDENTIFY, VERIFY, DISCLOSE, SUSPEND = "identify", "verify", "disclose", "suspend"
DONE, DUE, LATE, NOW, OPEN = "done", "due", "late", "now", "open"
_FACTS = {
    "market",
    "on",
    "sales",
    "window",
    "registered",
    "verified_on",
    "details_given_on",
    "notices",
    "holidays",
}
_SALES = {"month", "new", "used", "gross"}
_NOTICE = {"sent_on", "answered_on"}


@dataclass(frozen=True, slots=True)
class Month:
    """The sales of one month: pieces sold new and used, and what was paid for the new ones."""

    first: date
    new: int
    used: int
    gross: Decimal

    @property
    def last(self) -> date:
        return add_months(self.first, 1) - DAY


@dataclass(frozen=True, slots=True)
class Notice:
    """A request to the seller to give or mend its details."""

    sent_on: date
    answered_on: date | None


@dataclass(frozen=True, slots=True)
class TraderFacts:
    """The facts of one seller."""

    market: str
    on: date
    months: tuple[Month, ...]
    registered: bool
    verified_on: date | None
    given_on: date | None
    notices: tuple[Notice, ...]
    calendar: Calendar

    def state(self, due_on: date | None, done_on: date | None) -> str:
        """Return how an obligation stands on the day asked about."""
        if done_on is not None and done_on <= self.on:
            return DONE
        return NOW if due_on is None else LATE if due_on < self.on else DUE


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``trader_status``. Raises Invalid naming the field."""
    reader = Reader(facts, _FACTS)
    case = _read(reader, book)
    notes = Reasoning(book.on(case.on), case.market)
    threshold = notes.find("trader.high_volume_sales")
    if threshold is not None:
        return notes.answer(_by_threshold(case, notes, threshold))
    return notes.answer(_before_listing(case, notes))


# -- the facts


def _read(reader: Reader, book: Rulebook) -> TraderFacts:
    verified_on, given_on = reader.day("verified_on"), reader.day("details_given_on")
    notices = tuple(_notice(item) for item in reader.items("notices", _NOTICE))
    rows = reader.items("window" if reader.get("sales") is None else "sales", _SALES)
    on = reader.day("on") or _latest(rows, verified_on, given_on, notices)
    if on is None:
        raise reader.wrong("on", "The day asked about is needed, as a date such as 2026-11-23.")
    market = reader.market(book)
    return TraderFacts(
        market=market,
        on=on,
        months=_months(rows, on),
        registered=bool(reader.flag("registered")),
        verified_on=verified_on,
        given_on=given_on or verified_on,
        notices=notices,
        calendar=reader.calendar(market, book),
    )


def _notice(item: Reader) -> Notice:
    sent_on, answered_on = item.needed_day("sent_on"), item.day("answered_on")
    if answered_on is not None and answered_on < sent_on:
        raise item.wrong("answered_on", "The answer cannot come before the notice.")
    return Notice(sent_on, answered_on)


def _latest(rows: Sequence[Reader], *known: Any) -> date | None:
    """Without a day asked about, the last day that the facts speak of is taken."""
    days = [day for day in known if isinstance(day, date)]
    days += [day for notices in known if isinstance(notices, tuple) for n in notices
             for day in (n.sent_on, n.answered_on) if day]  # fmt: skip
    months = [_first_of(row) for row in rows if row.get("month") is not None]
    days += [add_months(month, 1) - DAY for month in months]
    return max(days, default=None)


def _months(rows: Sequence[Reader], on: date) -> tuple[Month, ...]:
    dated = [row.get("month") is not None for row in rows]
    if any(dated) and not all(dated):
        raise rows[dated.index(False)].wrong("month", "Either all months are named, or none is.")
    this = on.replace(day=1)
    firsts = [
        _first_of(row) if all(dated) else add_months(this, i + 1 - len(rows)) for i, row in enumerate(rows)
    ]
    months = [_month(row, first) for row, first in zip(rows, firsts, strict=True)]
    if len(set(firsts)) < len(firsts):
        raise rows[0].wrong("month", "A month stands there twice.")
    return tuple(sorted(months, key=lambda month: month.first))


def _first_of(row: Reader) -> date:
    value = row.get("month")
    if not isinstance(value, str) or len(value) not in (7, 10):
        raise row.wrong("month", 'A month is written like "2026-10".')
    return Reader({"month": value[:7] + "-01"}, ("month",), row.path).needed_day("month")


def _month(row: Reader, first: date) -> Month:
    gross = row.get("gross")
    amount = ZERO if gross is None else read_amount(gross, row.path + "gross")
    return Month(first, row.whole("new", 10**9) or 0, row.whole("used", 10**9) or 0, amount)


# -- where a threshold decides


def _by_threshold(case: TraderFacts, notes: Reasoning, threshold: InForce) -> dict[str, Any]:
    notes.rest_on(threshold)
    passed = _passed(case, threshold)
    if passed is None:
        notes.step(
            _("No window of months reaches the threshold of a high-volume seller (%(rule)s)."),
            rule=threshold.id,
        )
        return {"status": "below_threshold", "qualified_on": None, "obligations": []}
    notes.step(
        _("The threshold of a high-volume seller was reached by %(day)s (%(rule)s)."),
        day=passed.last,
        rule=threshold.id,
    )
    owed = [
        *_identify(case, notes, passed.last),
        *_disclose_from(case, notes),
        *_suspend_after_notice(case, notes),
    ]
    return {"status": "high_volume_seller", "qualified_on": passed.last, "obligations": owed}


def _passed(case: TraderFacts, threshold: InForce) -> Month | None:
    """Return the month in which a window of the law first holds enough sales and enough money."""
    params = threshold.version.params
    width, within = int(params["window_months"]), int(params["within_months"])
    least = Decimal(str(params["gross"]["amount"]))
    earliest = add_months(case.on.replace(day=1), 1 - within)
    known = [month for month in case.months if earliest <= month.first <= case.on]
    for last in known:
        first = add_months(last.first, 1 - width)
        inside = [month for month in known if first <= month.first <= last.first]
        sold, gross = sum(month.new for month in inside), sum((month.gross for month in inside), ZERO)
        if sold >= threshold.version.value and gross >= least:
            return last
    return None


def _identify(case: TraderFacts, notes: Reasoning, qualified_on: date) -> list[dict[str, Any]]:
    owed = []
    details = notes.use("trader.details_within")
    given_on = case.given_on or (qualified_on if case.registered else None)
    if details is not None:
        due = notes.count(qualified_on, details, case.calendar).last_day
        owed.append(_owed(IDENTIFY, due, case.state(due, given_on), details))
        notes.step(_("It gives its details within %(length)s, by %(day)s (%(rule)s)."),
                   length=length_of(details), day=due, rule=details.id)  # fmt: skip
    verified = notes.use("trader.verified_within")
    if verified is not None:
        start = given_on or (owed[0]["due_on"] and date.fromisoformat(owed[0]["due_on"])) or qualified_on
        due = notes.count(start, verified, case.calendar).last_day
        owed.append(_owed(VERIFY, due, case.state(due, case.verified_on), verified))
        notes.step(_("The marketplace verifies them within %(length)s of getting them, by %(day)s (%(rule)s)."),
                   length=length_of(verified), day=due, rule=verified.id)  # fmt: skip
    return [*owed, *_verify_again(case, notes, "trader.certified_again")]


def _disclose_from(case: TraderFacts, notes: Reasoning) -> list[dict[str, Any]]:
    rule = notes.find("trader.disclosed_from")
    if rule is None:
        return []
    since = add_months(case.on.replace(day=1), -11)
    year = sum((month.gross for month in case.months if since <= month.first <= case.on), ZERO)
    least = Decimal(str(rule.version.value["amount"]))
    if year < least:
        notes.mention(rule)
        notes.step(_("Its gross of twelve months is below the one from which buyers are told who it is (%(rule)s)."),
                   rule=rule.id)  # fmt: skip
        return []
    notes.rest_on(rule)
    notes.step(
        _("Buyers are told who it is, in the confirmation and in the account (%(rule)s)."), rule=rule.id
    )
    return [_owed(DISCLOSE, None, NOW, rule)]


def _suspend_after_notice(case: TraderFacts, notes: Reasoning) -> list[dict[str, Any]]:
    rule = notes.find("trader.suspension")
    if rule is None or not case.notices or not rule.rule.counting:
        return []
    notes.rest_on(rule)
    owed = []
    for notice in case.notices:
        last = notes.count(notice.sent_on, rule, case.calendar).last_day
        answered = notice.answered_on is not None and notice.answered_on <= last
        owed.append(_owed(SUSPEND, last + DAY, OPEN if answered else case.state(last + DAY, None), rule))
        if answered:
            notes.step(_("The notice of %(sent)s was answered in time."), sent=notice.sent_on)
        else:
            notes.step(_("Without an answer to the notice of %(sent)s its sales stop from %(day)s (%(rule)s)."),
                       sent=notice.sent_on, day=last + DAY, rule=rule.id)  # fmt: skip
    return [item for item in owed if item["state"] != OPEN]


# -- where each trader is identified before it sells


def _before_listing(case: TraderFacts, notes: Reasoning) -> dict[str, Any]:
    owed: list[dict[str, Any]] = []
    before = notes.use("trader.before_listing")
    if before is not None:
        done_on = {
            IDENTIFY: case.given_on or (case.on if case.registered else None),
            VERIFY: case.verified_on,
        }
        owed += [_owed(what, None, case.state(None, done_on[what]), before) for what in before.version.value]
        notes.step(_("A trader is identified and checked before its first listing, whatever it sells (%(rule)s)."),
                   rule=before.id)  # fmt: skip
    shown = notes.use("trader.shown")
    if shown is not None:
        owed.append(_owed(DISCLOSE, None, NOW, shown))
        notes.step(_("Each of its offers shows who it is (%(rule)s)."), rule=shown.id)
    owed += _verify_again(case, notes, "trader.verified_again")
    owed += _suspend_at_once(case, notes)
    if not owed:
        notes.doubt(_("The rulebook says nothing on sellers in %(market)s."), market=case.market)
    sold = sum(month.new + month.used for month in case.months)
    status = "trader" if case.registered else "private_or_unregistered"
    if not case.registered and sold:
        notes.step(
            _(
                "The number of sales alone does not make a trader here; whether it acts for its business decides."
            )
        )
    return {"status": status, "qualified_on": None, "obligations": owed}


def _suspend_at_once(case: TraderFacts, notes: Reasoning) -> list[dict[str, Any]]:
    rule = notes.find("trader.suspension")
    unanswered = [n for n in case.notices if n.answered_on is None or n.answered_on > case.on]
    if rule is None or not unanswered:
        return []
    notes.rest_on(rule)
    notes.doubt(_("The law says without delay, and names no number of days."))
    return [_owed(SUSPEND, None, NOW, rule)]


def _verify_again(case: TraderFacts, notes: Reasoning, name: str) -> list[dict[str, Any]]:
    rule = notes.find(name) if case.verified_on is not None else None
    if rule is None or case.verified_on is None:
        return []
    notes.rest_on(rule)
    due = notes.count(case.verified_on, rule, case.calendar).last_day
    notes.step(_("Its details are checked again by %(day)s (%(rule)s)."), day=due, rule=rule.id)
    return [_owed(VERIFY, due, case.state(due, None), rule)]


def _owed(what: str, due_on: date | None, state: str, rule: InForce) -> dict[str, Any]:
    return {
        "what": what,
        "due_on": due_on.isoformat() if due_on else None,
        "state": state,
        "rule": rule.id,
    }
