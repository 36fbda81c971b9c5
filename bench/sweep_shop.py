"""A shop for `bin/bench sweep`: N listings with facts as shops have them, judged and stored, kept from run to run.

Every category, eleven sets of languages, twenty thousand sellers, every hundredth answer missing. The first hundred
thousand are made and judged one by one. More are copies of these, made by the database: a profile that only one listing
has is copied with it, one that several share is shared by the copies. So a million listings have more profiles than a
million that are made one by one would (of which some more happen to be alike), and as many findings each.
"""

from __future__ import annotations

import io
import os
import random
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from bench.sweep_floor import run, value

BATCH = 2_000
BASE = 100_000  # listings made one by one
SELLERS = 20_000
MISSING = 0.01
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
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
    dice = random.Random(number % BASE)
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

    plan = duties.plan(rulebook.release(), NOW.date(), markets(), frozenset(groups_of(category, ())))
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


def markets() -> tuple[str, ...]:
    from compliance.rulebook.markets import selling_markets

    return selling_markets()


# ---------------------------------------------------------------- the shop


def public_id(number: int) -> str:
    return f"L-{number:08}"


def facts_of_many(ids: Any) -> dict[str, dict[str, Any]]:
    return {one: record(int(one[2:])) for one in ids}


def set_up(count: int) -> bool:
    """Connect to a database of its own with N listings; return whether it had to be filled."""
    base, _, name = os.environ["DATABASE_URL"].rpartition("/")
    os.environ["DATABASE_URL"] = f"{base}/{name}_bench_sweep_{count}"
    import django

    django.setup()
    from django.core.management import call_command

    from catalog.management.commands import make_listings
    from catalog.queries.facts import listed_public_ids, public_ids_after
    from compliance.checks.registry import register_subject

    make_listings._ensure_database()
    register_subject(
        "listing", facts_of_many=facts_of_many, all_ids=public_ids_after, listed=listed_public_ids
    )
    if value("SELECT to_regclass('bench_filled')"):
        return False
    started = time.perf_counter()
    run("SET statement_timeout = 0")
    call_command("flush", interactive=False, verbosity=0)
    _make_listings(count)
    _fill(min(count, BASE))
    for block in range(1, -(-count // BASE)):
        _copy(block)
    for table in ("finding", "judgement", "profile"):
        run(f"VACUUM (ANALYZE) compliance_{table}")
    run("CREATE TABLE bench_filled ()")
    run("RESET statement_timeout")
    print(f"{count:,} listings filled in {time.perf_counter() - started:.0f} s")
    return True


def _make_listings(count: int) -> None:
    from catalog import operations
    from catalog.models import Category
    from marketplace.accounts.operations import create_merchant

    operations.ensure_categories()
    merchant = create_merchant(
        owner=None, slug="bench-sweep", name="Bench", legal_name="Bench GmbH", country="DE", street="Straße 1",
        postcode="10115", city="Berlin", email="bench@example.com", currency="EUR", status="active",
    )  # fmt: skip
    run(LISTINGS, [merchant.pk, Category.objects.exclude(parent=None).first().pk, count - 1])
    run("VACUUM (ANALYZE) catalog_listing")


def _copy(block: int) -> None:
    """Copy what is kept of the first listings for as many more."""
    from compliance.checks.models import Finding, Judgement, Profile

    names = {
        model: ", ".join(field.column for field in model._meta.fields if field.column not in left_out)
        for model, *left_out in (
            (Finding, "id", "subject"), (Judgement, "id", "subject", "profile"), (Profile, "id", "digest")
        )
    }  # fmt: skip
    if block == 1:
        run("""
            CREATE UNLOGGED TABLE bench_alone AS SELECT profile FROM compliance_judgement
            WHERE subject LIKE 'listing:%' AND profile IS NOT NULL GROUP BY profile HAVING count(*) = 1
        """)  # fmt: skip
    other = f"'listing:L-' || lpad((substr(subject, 11)::int + {block * BASE})::text, 8, '0')"
    among = f"subject >= 'listing:L-' AND subject < 'listing:{public_id(BASE)}'"
    digest = f"md5(digest || ':{block}')"
    of_profile, of_judgement, of_finding = names[Profile], names[Judgement], names[Finding]
    run(
        f"INSERT INTO compliance_profile (digest, {of_profile}) SELECT {digest}, {of_profile} FROM compliance_profile"
        " WHERE id IN (SELECT profile FROM bench_alone)"
    )
    run(
        f"WITH twin AS (SELECT p.id AS original, c.id FROM compliance_profile p"
        f" JOIN compliance_profile c ON c.digest = md5(p.digest || ':{block}'))"
        f" INSERT INTO compliance_judgement (subject, profile, {of_judgement})"
        f" SELECT {other}, coalesce(twin.id, j.profile), {', '.join('j.' + one for one in of_judgement.split(', '))}"
        f" FROM compliance_judgement j LEFT JOIN twin ON twin.original = j.profile WHERE {among}"
    )
    run(
        f"INSERT INTO compliance_finding (subject, {of_finding}) SELECT {other}, {of_finding}"
        f" FROM compliance_finding WHERE {among}"
    )


def _fill(count: int) -> None:
    """Store N listings judged by the law as released."""
    from django.db import transaction

    from compliance import rulebook
    from compliance.checks import first, profiles
    from compliance.checks.outcomes import Outcomes
    from compliance.rulebook.facts import complete
    from compliance.rulebook.profiles import project

    law = Outcomes(rulebook.release(), NOW.date())
    list(profiles.refresh(law))
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        made = {n: record(n) for n in numbers}
        seen = {n: project(complete(raw, on=law.on), law.reading) for n, raw in made.items()}
        outcomes = {n: law.of(one.groups, one.seen) for n, one in seen.items()}
        with transaction.atomic():
            ids, _ = profiles.keep_profiles({one.digest: (one, outcomes[n]) for n, one in seen.items()}, law)
        judged = {f"listing:{public_id(n)}": law.judged(one.groups, one.seen) for n, one in seen.items()}
        marks = {
            f"listing:{public_id(n)}": {"owner": raw["merchant"]["public_id"], "category": raw["category"]}
            for n, raw in made.items()
        }
        first.keep(judged, marks, book=law.book, now=NOW)
        _copy_judgements(judged, marks, [(ids[seen[n].digest], outcomes[n]) for n in numbers])


def _copy_judgements(judged: dict[str, Any], marks: dict[str, Any], rest: list[tuple[int, str]]) -> None:
    from django.db import connection

    from compliance.checks.findings import is_about_merchant

    lines = []
    for (subject, one), (profile, outcome) in zip(judged.items(), rest, strict=True):
        by = {
            name: [m for m, row in one.markets.items() if row.verdict == name]
            for name in ("sell", "notice", "blocked")
        }
        arrays = ["{" + ",".join(some) + "}" for some in by.values()]
        mark = marks[subject]
        found = str(sum(not is_about_merchant(finding.rule) for finding in one.findings))
        lines.append(
            "\t".join([subject, *arrays, found, "bench", "", str(NOW.date()), NOW.isoformat(), mark["owner"], mark["category"],
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


LISTINGS = """
    INSERT INTO catalog_listing (
        public_id, merchant_id, category_id, code, slug, state, condition, language, disclosures, manufacturer,
        responsible_person, local_contacts, traits, attestations, model, option_names, hs_code, hs_confirmed, origin,
        ships_to, sellable_in, offered_in, price_currency, is_reduced, in_stock, rating_count, is_promoted, version,
        created_at, changed_at)
    SELECT 'L-' || lpad(n::text, 8, '0'), %s, %s, n, n, 'active', 'new', 'en', '{}', '{}', '{}', '[]', '[]', '[]', '', '[]',
        '', false, '', '{}', '{}', '{}', 'EUR', false, true, 0, false, 1, '2026-10-01', '2026-10-01'
    FROM generate_series(0, %s) n
"""
