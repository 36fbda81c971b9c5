"""A sweep over N listings: all duties of all jurisdictions, one changed rule, one day's change of law.

    bin/bench sweep [--listings 1000000] [--rounds 2]

Makes N listings with facts as shops have them (every category, a dozen sets of languages, twenty thousand sellers,
every hundredth answer missing), judged and stored; then runs the product's own sweep (`compliance.checks.sweeping`)
as the scheduled task and the change of law run it, and what the plain database needs for work of the same size:
a table of N rows with 40 columns and a document, read once, and 40 rules judged with arrays and `unnest` into a
table without indexes. Only the ratios mean something on a machine that others use.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

BATCH = 2_000
SELLERS = 20_000
MISSING = 0.01
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHANGED = "eu.listing.unit_price"  # of six kinds of goods
OF_ONE_KIND = "eu.listing.food.honey_origin"
OF_ALL = "eu.listing.description"
TONGUES = (
    ("en",), ("de", "en"), ("de",), ("fr", "en"), ("it", "en"), ("en", "ja"), ("pl", "en", "de"), ("nl", "en", "de", "fr"),
    ("de", "en", "es", "fr", "it"), ("da", "sv", "nb", "fi", "en"),
    ("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt",
     "ro", "sk", "sl", "sv", "nb", "ja", "zh-hans"),
)  # fmt: skip
COUNTRIES = ("DE", "DE", "FR", "IT", "NL", "PL", "ES", "SE", "GB", "US", "CN", "JP", "CH", "NO")


# ---------------------------------------------------------------- facts as shops have them


def record(number: int) -> dict[str, Any]:
    """Return the facts of one listing, always the same for its number."""
    dice = random.Random(number)
    category = dice.choice(_leaves())
    tongues = TONGUES[-1] if dice.random() < 0.7 else dice.choice(TONGUES)
    seller = dice.randrange(SELLERS)
    kept = lambda: dice.random() >= MISSING  # noqa: E731 -- a word for many lines
    text = dict.fromkeys(tongues, "words")
    said = {key: text if value is None else value for key, value in _answers(category).items() if kept()}
    maker = {
        "name": "Maker",
        "address": "Street 1",
        "email": "a@b.example",
        "country": dice.choice(COUNTRIES),
    }
    return {
        "category": category, "title_languages": list(tongues), "images": dice.randint(1, 9),
        "description_languages": list(tongues) if kept() else [], "images_without_text": 0 if kept() else 1,
        "brand": "Brand", "identifiers": {"gtin": f"{number:013}", "model": "M1"} if kept() else {},
        "manufacturer": maker if kept() else {}, "responsible_person": maker | {"country": "DE"} if kept() else {},
        "local_contacts": [{"market": m, "name": "N", "address": "A"} for m in ("GB", "US", "JP", "TR") if dice.random() < 0.8],
        "merchant": _seller(seller), "price": {"currency": "EUR", "minor": dice.randint(100, 90_000), "unit_price": kept(), "available": True},
        "disclosures": said, "documents": [{"kind": one} for one in _documents() if kept()],
        "attestations": [one for one in _attestations() if kept()],
        "condition": "new" if dice.random() < 0.95 else "used",
    }  # fmt: skip


@lru_cache(maxsize=SELLERS)
def _seller(number: int) -> dict[str, Any]:
    dice = random.Random(-number)
    kept = lambda: dice.random() >= MISSING  # noqa: E731 -- as above
    return {
        "public_id": f"M-{number:06}", "kind": "trader" if kept() else "private", "country": dice.choice(COUNTRIES),
        "name": "Seller", "legal_name": "Seller Ltd", "address": "Street 2", "email": "s@example.com", "phone": "+49 1",
        "register_number": "HRB 1", "vat_id": "DE1" if kept() else "", "verified": True, "self_certified": kept(),
        "representative_name": "Ann", "return_terms": True, "delivery_time_stated": kept(), "age_check": kept(),
    }  # fmt: skip


@lru_cache(maxsize=1)
def _leaves() -> tuple[str, ...]:
    from compliance.rulebook.categories import categories

    return tuple(categories())


@lru_cache(maxsize=1)
def _documents() -> tuple[str, ...]:
    from compliance.rulebook.facts import document_kinds

    return tuple(document_kinds())


@lru_cache(maxsize=1)
def _attestations() -> tuple[str, ...]:
    from compliance import rulebook
    from compliance.rulebook.profiles import HOLDS, reading_of

    looks = reading_of(rulebook.release()).looks
    return tuple(path.partition(HOLDS)[2] for path in looks if path.startswith(f"attestations{HOLDS}"))


@lru_cache(maxsize=512)
def _answers(category: str) -> dict[str, Any]:
    """Return an answer to everything some market asks of a category; None stands for a text to translate."""
    from compliance import rulebook
    from compliance.rulebook import duties, fields
    from compliance.rulebook.categories import groups_of
    from compliance.rulebook.profiles import names_read

    plan = duties.plan(rulebook.release(), NOW.date(), _markets(), frozenset(groups_of(category, ())))
    asked = {name.removeprefix("disclosures.") for duty in plan for name in names_read(duty.version)}
    return {key: _answer(fields.fields()[key]) for key in sorted(asked & set(fields.fields()))}


def _answer(known: Any) -> Any:
    if known.translatable:
        return None
    if known.choices:
        good = next(
            (one for one in known.choices if one in ("no", "none", "none_added", "new")), known.choices[0]
        )
        return [good] if known.type == "enum_list" else good
    answers = {
        "bool": True, "int": 5, "decimal": "5", "text_list": ["AQUA"], "quantity": {"value": "1", "unit": "kg"},
        "list": [{"country": code, "number": "1"} for code in ("DE", "FR", "AT", "ES", "IT")], "object": {"a": "b"},
        "date": "2026-01-01", "country": "DE",
    }  # fmt: skip
    return answers.get(known.type, "words")


def _markets() -> tuple[str, ...]:
    from compliance.rulebook.markets import selling_markets

    return selling_markets()


# ---------------------------------------------------------------- the shop


def public_id(number: int) -> str:
    return f"L-{number:08}"


def facts_of_many(ids: Any) -> dict[str, dict[str, Any]]:
    return {one: record(int(one[2:])) for one in ids}


def fill(count: int, law: Any) -> float:
    """Store N listings judged by a law; return the findings each has open on average."""
    from django.db import connection, transaction

    from compliance.checks import first, profiles
    from compliance.rulebook.facts import complete
    from compliance.rulebook.profiles import project

    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        made = {n: record(n) for n in numbers}
        seen = {n: project(complete(raw, on=law.on), law.reading) for n, raw in made.items()}
        outcomes = {n: law.of(one.groups, one.seen) for n, one in seen.items()}
        with transaction.atomic():
            ids = profiles.keep_profiles({one.digest: (one, outcomes[n]) for n, one in seen.items()}, law)
        judged = {f"listing:{public_id(n)}": law.judged(one.groups, one.seen) for n, one in seen.items()}
        marks = {
            f"listing:{public_id(n)}": {"owner": raw["merchant"]["public_id"], "category": raw["category"]}
            for n, raw in made.items()
        }
        first.keep(judged, marks, book=law.book, now=NOW)
        _copy_judgements(judged, marks, [(ids[seen[n].digest], outcomes[n]) for n in numbers])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM compliance_finding WHERE state = 'open'")
        found = cursor.fetchone()[0]
        for table in ("finding", "judgement", "profile"):
            cursor.execute(f"VACUUM (ANALYZE) compliance_{table}")
    return found / count


def _copy_judgements(judged: dict[str, Any], marks: dict[str, Any], rest: list[tuple[int, str]]) -> None:
    from django.db import connection

    lines = []
    for (subject, one), (profile, outcome) in zip(judged.items(), rest, strict=True):
        by = {
            name: [m for m, row in one.markets.items() if row.verdict == name]
            for name in ("sell", "notice", "blocked")
        }
        arrays = ["{" + ",".join(some) + "}" for some in by.values()]
        mark = marks[subject]
        lines.append(
            "\t".join([subject, *arrays, "0", "bench", "", str(NOW.date()), NOW.isoformat(), mark["owner"], mark["category"],
                       str(profile), outcome])
        )  # fmt: skip
    names = (
        "subject sell notice blocked open_findings rulebook_version facts_digest judged_for judged_at owner category"
        " profile outcome"
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY compliance_judgement ({', '.join(names.split())}) FROM STDIN",
            io.StringIO("\n".join(lines) + "\n"),
        )


def _set_up(count: int) -> None:
    """Make a database of its own, with N bare listings that the sweep walks through."""
    base, _, name = os.environ["DATABASE_URL"].rpartition("/")
    os.environ["DATABASE_URL"] = f"{base}/{name}_bench_sweep"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from catalog import operations
    from catalog.management.commands import make_listings
    from catalog.models import Category
    from catalog.queries.facts import public_ids_after
    from compliance.checks.registry import register_subject
    from marketplace.accounts.operations import create_merchant

    make_listings._ensure_database()
    call_command("flush", interactive=False, verbosity=0)
    operations.ensure_categories()
    merchant = create_merchant(
        owner=None, slug="bench-sweep", name="Bench", legal_name="Bench GmbH", country="DE", street="Straße 1",
        postcode="10115", city="Berlin", email="bench@example.com", currency="EUR", status="active",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(LISTINGS, [merchant.pk, Category.objects.exclude(parent=None).first().pk, count - 1])
        cursor.execute("VACUUM (ANALYZE) catalog_listing")
    register_subject("listing", facts_of_many=facts_of_many, all_ids=public_ids_after)


LISTINGS = """
    INSERT INTO catalog_listing (
        public_id, merchant_id, category_id, code, slug, state, condition, language, disclosures, manufacturer,
        responsible_person, local_contacts, traits, attestations, model, option_names, hs_code, hs_confirmed, origin,
        ships_to, sellable_in, offered_in, price_currency, is_reduced, in_stock, rating_count, is_promoted, version,
        created_at, changed_at)
    SELECT 'L-' || lpad(n::text, 8, '0'), %s, %s, n, n, 'active', 'new', 'en', '{}', '{}', '{}', '[]', '[]', '[]', '', '[]',
        '', false, '', '{}', '{}', '{}', 'EUR', false, true, 0, false, 1, now(), now()
    FROM generate_series(0, %s) n
"""


# ---------------------------------------------------------------- the floors

RULES = [f"c{n} <> ''" for n in range(8)]
RULES += [f"c{n} ~ '^[0-9a-f]{{6,}}$'" for n in range(8, 18)] + [
    f"n{n} BETWEEN 1 AND 9850" for n in range(12)
]
RULES += [f"doc ->> 'k{n}' <> ''" for n in range(8)] + [f"doc ->> 'k{n}' ~ '^[0-9a-f]'" for n in range(8, 10)]


def make_floor(count: int) -> None:
    """Make the table of the floors: 40 columns and a document of ten keys, 1.5 % of the values breaking their rule."""
    from django.db import connection

    texts = ", ".join(
        f"CASE WHEN random() < 0.985 THEN substr(md5((n * {at + 1})::text), 1, 12) ELSE '' END AS c{at}"
        for at in range(28)
    )
    numbers = ", ".join(f"(random() * 10000)::int AS n{at}" for at in range(12))
    keys = ", ".join(
        f"'k{at}', CASE WHEN random() < 0.985 THEN substr(md5((n * {at + 50})::text), 1, 10) ELSE '' END"
        for at in range(10)
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor, floor_found")
        cursor.execute(
            f"CREATE UNLOGGED TABLE floor AS SELECT n AS id, {texts}, {numbers}, jsonb_build_object({keys}) AS doc"
            f" FROM generate_series(1, {count}) n"
        )
        cursor.execute("CREATE TABLE floor_found (id int, rule int)")
        cursor.execute("VACUUM (ANALYZE) floor")


def floor_scan() -> None:
    _run("SELECT count(*) FROM floor WHERE c3 IS NULL")


def floor_insert(backends: int, count: int) -> None:
    """Judge the 40 rules by array and unnest, and insert what is found, by some sessions at once."""
    _run("TRUNCATE floor_found")
    share = -(-count // backends)
    parts = [(at * share, (at + 1) * share) for at in range(backends)]
    threads = [threading.Thread(target=_insert_part, args=part) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _insert_part(start: int, end: int) -> None:
    from django.db import connection

    array = ", ".join(f"NOT coalesce({rule}, false)" for rule in RULES)
    _run(
        "INSERT INTO floor_found SELECT id, u.rule FROM floor,"
        f" unnest(array[{array}]) WITH ORDINALITY u(missed, rule) WHERE u.missed AND id > {start} AND id <= {end}"
    )
    if threading.current_thread() is not threading.main_thread():
        _ended[0] += _session_seconds()
        connection.close()


def _run(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


# ---------------------------------------------------------------- measuring


def timed(work: Callable[[], Any]) -> tuple[Took, Any]:
    started, used = time.perf_counter(), _processor()
    done = work()
    return Took(time.perf_counter() - started, _processor() - used), done


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processor: this process and its database sessions."""

    clock: float
    processor: float


_ended = [0.0]  # seconds of database sessions that have ended


def _processor() -> float:
    return time.process_time() + _session_seconds() + _ended[0]


def _session_seconds() -> float:
    """Return what the database's process of this session has used so far; 0 if it is on another machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    with contextlib.suppress(OSError):
        fields = path.read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def peak_mb() -> float:
    """Return the most memory this process had at once since it was last forgotten."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")


def best(work: Callable[[], Any], rounds: int) -> Took:
    return min((timed(work)[0] for _ in range(rounds)), key=lambda took: took.processor)


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


def turning_days(book: Any) -> Iterator[date]:
    """Yield the days within a year on which duties begin to bind that stop no sale."""
    days: dict[date, set[str]] = {}
    for market in _markets():
        for since, rule, version in book.changes_between(NOW.date(), date(2027, 12, 31), market):
            if rule.kind == "duty" and rule.about == "listing":
                days.setdefault(since, set()).add(str(version.severity))
    yield from (day for day, found in sorted(days.items()) if "block" not in found)


def measure(options: argparse.Namespace) -> None:
    from django.db import connection

    from compliance import rulebook
    from compliance.checks import sweeping
    from compliance.checks.models import CheckRun, Finding, Profile, ProfiledLaw
    from compliance.checks.outcomes import Outcomes, outcomes_of
    from compliance.checks.outcomes import _latest as learnt
    from compliance.checks.profiles import ALL

    count = options.listings
    before, after = laws()
    rulebook.use(before)
    seconds, each = timed(lambda: fill(count, Outcomes(before, NOW.date())))
    print(
        f"{count:,} listings, {Profile.objects.count():,} profiles, {each:.1f} open findings each; filled in {seconds.clock:.0f} s"
    )
    make_floor(count)
    filled = peak_mb()

    def full() -> Any:
        learnt.clear()
        CheckRun.objects.all().delete()
        ProfiledLaw.objects.update(unsure=[[ALL, []]])
        return sweeping.sweep(kind="listing", now=NOW)

    def follow(now: datetime) -> int:
        return sweeping.follow(outcomes_of(rulebook.default(), now.date()), now)[0]

    scan, two = best(floor_scan, 3), best(lambda: floor_insert(2, count), options.rounds)
    one = best(lambda: floor_insert(1, count), options.rounds)
    for name, took in {"scan": scan, "40 rules, one session": one, "two sessions": two}.items():
        print(f"floor, {name}: {took.clock:.3f} s by the clock, {took.processor:.2f} s of the processor")

    forget_peak()
    sweeping.sweep(kind="listing", now=NOW)  # takes the law up: from here on profiles are current
    took = best(full, options.rounds)
    run = CheckRun.objects.get()
    _say(
        "full sweep, nothing learnt yet", took, one, f"{run.looked_at:,} looked at, {run.changed} changed", 4
    )

    def change(what: str, book: Any) -> None:
        rulebook.use(book)
        took, written = timed(lambda: sweeping.judge_touched(kind="listing", now=NOW))
        _say(what, took, scan, f"{written:,} written", 2)

    change(f"changed rule {CHANGED}, of six kinds of goods", after)
    print(f"{Finding.objects.filter(rule=CHANGED).count():,} findings of it")
    change("the same law again", after)
    change(f"changed rule {OF_ONE_KIND}, of one kind", reworded(after, OF_ONE_KIND))
    change("and back", after)
    change(f"changed rule {OF_ALL}, of all goods", reworded(after, OF_ALL))
    change("and back", after)

    for day in list(turning_days(after))[:1]:
        eve, morning = (
            datetime(d.year, d.month, d.day, 0, 30, tzinfo=UTC)
            for d in (date.fromordinal(day.toordinal() - 1), day)
        )
        sweeping.sweep(kind="listing", now=eve)
        took, written = timed(lambda now=morning: follow(now))
        _say(f"the day {day}: its law followed", took, scan, f"{written:,} written", 2)
        took, run = timed(lambda now=morning: sweeping.sweep(kind="listing", now=now))
        _say(
            f"the day {day}: then each listing looked at", took, scan, f"{run.changed} with other markets", 2
        )
    print(f"most memory {peak_mb():.0f} MB in all sweeps ({filled:.0f} MB while filling)")
    connection.close()


def reworded(book: Any, rule: str) -> Any:
    """Return a law in which one rule says the same in other words."""
    from compliance.rulebook.loader import ROOT, amended

    text = (ROOT / book.rules[rule].file).read_text(encoding="utf-8")
    return amended(
        book, {rule: text.replace("what: ", "what: Once more. ").replace('Once more. "', '"Once more. ')}
    )


def _say(what: str, took: Took, floor: Took, more: str, aim: int) -> None:
    """Print a time and its ratio; two sessions use two processors, so both ratios are given."""
    ratios = took.clock / floor.clock, took.processor / max(floor.processor, 0.01)
    print(
        f"{what}: {took.clock:.2f} s by the clock ({ratios[0]:.1f} times its floor),"
        f" {took.processor:.2f} s of the processor ({ratios[1]:.1f} times; aim {aim}); {more}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    _set_up(options.listings)
    measure(options)


if __name__ == "__main__":
    main()
