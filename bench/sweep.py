"""A sweep over N listings: all duties of all jurisdictions, one changed rule, one day's change of law.

    bin/bench sweep [--listings 1000000] [--rounds 2]

Fills a database of its own once (bench/sweep_shop.py), then runs the product's own sweep (`compliance.checks.sweeping`)
as the scheduled task and the change of law run it, and in the same run what the plain database needs for work of the
same size (bench/sweep_floor.py): a table of N rows with 40 columns and a document, read once; 40 rules judged with arrays
and `unnest` into a table without indexes; and as many findings as a change wrote, inserted. Only the ratios mean
something on a machine that others use; seconds of the processor are those of this process and of its database session.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench import sweep_floor
from bench.sweep_shop import NOW, markets, set_up

CHANGED = "eu.listing.unit_price"  # of six kinds of goods
OF_ONE_KIND = "eu.listing.food.honey_origin"
OF_ALL = "eu.listing.description"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processor: this process and its database sessions."""

    clock: float
    processor: float


def timed(work: Callable[[], Any]) -> tuple[Took, Any]:
    started, used = time.perf_counter(), _processor()
    done = work()
    return Took(time.perf_counter() - started, _processor() - used), done


def _processor() -> float:
    return time.process_time() + sweep_floor.session_milliseconds() / 1000


def best(work: Callable[[], Any], rounds: int) -> Took:
    return min((timed(work)[0] for _ in range(rounds)), key=lambda took: took.processor)


def peak_mb() -> float:
    """Return the most memory this process had at once since it was last forgotten."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")


def laws() -> tuple[Any, Any]:
    """Return the law without one rule, and as released."""
    from compliance import rulebook
    from compliance.rulebook.loader import ROOT, amended

    book = rulebook.release()
    text = (ROOT / book.rules[CHANGED].file).read_text(encoding="utf-8")
    off = (
        "\n".join(line for line in text.splitlines() if not line.startswith(("must:", "needs:", "when:")))
        + '\nmust: "true"\n'
    )
    return amended(book, {CHANGED: off}), book


def reworded(book: Any, rule: str) -> Any:
    """Return a law in which one rule says the same in other words."""
    from compliance.rulebook.loader import ROOT, amended

    text = (ROOT / book.rules[rule].file).read_text(encoding="utf-8")
    return amended(
        book, {rule: text.replace("what: ", "what: Once more. ").replace('Once more. "', '"Once more. ')}
    )


def turning_days(book: Any) -> Iterator[date]:
    """Yield the days within a year on which duties begin to bind that stop no sale."""
    days: dict[date, set[str]] = {}
    for market in markets():
        for since, rule, version in book.changes_between(NOW.date(), date(2027, 12, 31), market):
            if rule.kind == "duty" and rule.about == "listing":
                days.setdefault(since, set()).add(str(version.severity))
    yield from (day for day, found in sorted(days.items()) if "block" not in found)


class Measuring:
    """The floors of a run, and what is said against them."""

    def __init__(self, count: int, rounds: int) -> None:
        self.count = count
        sweep_floor.make(count)
        self.scan = best(sweep_floor.scan, 5)
        self.one = best(lambda: sweep_floor.judge(count), max(rounds, 1))
        floors = {"one sequential scan": self.scan, "40 rules, one session": self.one}
        for name, took in floors.items():
            print(f"floor, {name}: {took.clock:.3f} s by the clock, {took.processor:.3f} s of the processor")

    def full(self, work: Callable[[], Any]) -> None:
        took, run = timed(work)
        self._say("full sweep, nothing learnt yet", took, self.one, f"{run.looked_at:,} looked at", 4)

    def change(self, what: str, work: Callable[[], int]) -> None:
        """Say what a change took against one scan, and against that and inserting as many findings as were written."""
        forget_peak()
        took, written = timed(work)
        more = f"{written:,} written, {peak_mb():.0f} MB"
        if written:
            insert = best(lambda: sweep_floor.write(written), 2)
            both = Took(self.scan.clock + insert.clock, self.scan.processor + insert.processor)
            more += f"; with inserting as many {took.processor / both.processor:.1f} (by the clock {took.clock / both.clock:.1f})"
        self._say(what, took, self.scan, more, 2)

    def _say(self, what: str, took: Took, floor: Took, more: str, aim: int) -> None:
        print(
            f"{what}: {took.processor:.3f} s of the processor, {took.processor / floor.processor:.1f} times its floor,"
            f" aim {aim} (by the clock {took.clock:.3f} s, {took.clock / floor.clock:.1f}); {more}",
            flush=True,
        )


def measure(options: argparse.Namespace) -> None:
    from compliance import rulebook
    from compliance.checks import sweeping, sweeps
    from compliance.checks.models import CheckRun, Finding, Judgement, Profile, ProfiledLaw
    from compliance.checks.outcomes import _latest as learnt
    from compliance.checks.profiles import ALL

    before, after = laws()
    rulebook.use(before)
    CheckRun.objects.all().delete()
    took, run = timed(lambda: sweeping.sweep(kind="listing", now=NOW))  # from here on all is current
    sweep_floor.run("SET statement_timeout = 0")
    for table, how in (("finding", "ANALYZE"), ("judgement", "ANALYZE"), ("profile", "FULL, ANALYZE")):
        sweep_floor.run(f"VACUUM ({how}) compliance_{table}")  # as after filling: no rows of an earlier run
    sweep_floor.run("RESET statement_timeout")
    counts = f"{run.looked_at:,} listings, {Profile.objects.count():,} profiles"
    print(f"{counts}, {Finding.objects.open().count():,} open findings")
    print(
        f"taken up in {took.processor:.1f} s of the processor ({took.clock:.0f} s by the clock), {peak_mb():.0f} MB"
    )
    measuring = Measuring(options.listings, options.rounds)

    def full() -> Any:
        learnt.clear()
        CheckRun.objects.all().delete()
        ProfiledLaw.objects.update(unsure=[[ALL, []]])
        return sweeping.sweep(kind="listing", now=NOW)

    forget_peak()
    for _ in range(options.rounds):
        measuring.full(full)
    print(f"most memory of the process in full sweeps: {peak_mb():.0f} MB")

    def change(what: str, book: Any) -> None:
        rulebook.use(book)
        measuring.change(what, lambda: sweeping.judge_touched(kind="listing", now=NOW))

    change(f"changed rule {CHANGED}, of six kinds of goods", after)
    change("the same law again", after)
    change(f"changed rule {OF_ONE_KIND}, of one kind", reworded(after, OF_ONE_KIND))
    change("and back", after)
    change(f"changed rule {OF_ALL}, of all goods", reworded(after, OF_ALL))
    change("and back", after)

    def whole(now: datetime) -> int:
        run = sweeps.ask_for("listing", by="bench", now=now)
        return sweeps.go_on(run.pk, now=now, seconds=3600).changed

    for day in list(turning_days(after))[:1]:
        eve, morning = (
            datetime(d.year, d.month, d.day, 0, 30, tzinfo=UTC)
            for d in (date.fromordinal(day.toordinal() - 1), day)
        )
        sweeping.sweep(kind="listing", now=eve)
        before = Judgement.objects.filter(judged_for=day).count()
        measuring.change(
            f"the day {day}",
            lambda now=morning: sweeping.sweep(kind="listing", now=now) and 0,
        )
        print(f"{Judgement.objects.filter(judged_for=day).count() - before:,} listings written on the day")
        measuring.change(f"the day {day}: a whole sweep, all compared", lambda now=morning: whole(now))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    set_up(options.listings)
    measure(options)


if __name__ == "__main__":
    main()
