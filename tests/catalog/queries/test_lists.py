"""Lists and search: only what may be bought here, found by its words, counted exactly, read page by page."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import operations
from catalog.domain.drafts import ListingDraft, TextDraft
from catalog.domain.filters import Filters
from catalog.domain.ranking import Sort
from catalog.models import Category, Listing, ListingIndex
from catalog.queries.lists import Scope, Wanted, build_list_page, list_page
from marketplace.accounts.place import place_of
from tests.catalog.factories import DE, NOW, TODAY, allow, draft, make_listing, make_merchant

pytestmark = pytest.mark.usefixtures("taxonomy")


def titles(query: str = "", place=DE, **more) -> list[str]:
    return [card.title for card in build_list_page(Wanted(query=query, **more), place, TODAY).cards]


def shelf(*texts: str, language: str = "en") -> None:
    merchant = make_merchant()
    for text in texts:
        make_listing(merchant, texts={language: TextDraft(text)})


def test_only_what_may_be_bought_here_is_listed() -> None:
    merchant = make_merchant()
    here, _ = make_listing(merchant, title="Here"), allow(make_listing(merchant, title="There"), "FR")
    assert [card.listing for card in build_list_page(Wanted(), DE, TODAY).cards] == [here.public_id]


@pytest.mark.parametrize(
    ("language", "title", "typed"),
    [
        ("en", "Folding chairs", "chair"),
        ("de", "Klappbare Stühle", "Stuhl"),
        ("fr", "Chaises pliantes", "chaise"),
        ("es", "Sillas plegables", "silla"),
        ("zh-hans", "有机蜂蜜罐", "蜂蜜"),
        ("pl", "Krzesło składane", "krzesło"),
        ("de", "Grüner Käse", "kase"),
    ],
)
def test_words_are_found_as_their_language_bends_them(language: str, title: str, typed: str) -> None:
    shelf(title, language=language)
    shelf("Something else")
    assert titles(typed, place_of("DE", language if language != "pl" else "en", "EUR")) == [title]


@pytest.mark.parametrize(
    ("typed", "read_as"), [("blanhet", "blanket"), ("lnen blanket", "linen blanket"), ("cermaic", "ceramic")]
)
def test_slips_of_the_finger_are_mended_and_said(typed: str, read_as: str) -> None:
    shelf("Linen blanket", "Ceramic bowl")
    page = build_list_page(Wanted(query=typed), DE, TODAY)
    assert len(page.cards) == 1
    assert [one.read_as for one in page.corrections] == [w for w in read_as.split() if w not in typed.split()]


def test_a_word_finds_its_compounds_when_it_stands_nowhere_alone() -> None:
    shelf("Waldblütenhonig", "Teekanne", language="de")
    assert titles("blütenhonig") == ["Waldblütenhonig"]


def test_what_must_not_be_there_is_left_out_and_phrases_hold_together() -> None:
    shelf("Red oak lamp", "Blue oak lamp", "Lamp of oak")
    assert (titles('"oak lamp" -red'), sorted(titles("lamp oak"))) == (
        ["Blue oak lamp"],
        ["Blue oak lamp", "Lamp of oak", "Red oak lamp"],
    )


def test_words_that_mean_nothing_are_not_asked_for() -> None:
    shelf("Lampe aus Eiche", language="de")
    assert titles("die Lampe") == ["Lampe aus Eiche"]


def test_a_title_stands_before_a_description() -> None:
    merchant = make_merchant()
    make_listing(merchant, texts={"en": TextDraft("Chair", description="<p>Goes with an oak lamp.</p>")})
    make_listing(merchant, texts={"en": TextDraft("Oak lamp")})
    assert titles("oak lamp") == ["Oak lamp", "Chair"]


@pytest.mark.parametrize("typed", ["'", '"', "a:*b & c", "' | !", "\\", "%", "蜂", "-", "  ", "x" * 500])
def test_no_text_breaks_the_search(typed: str) -> None:
    shelf("Oak lamp")
    assert isinstance(titles(typed), list)


def many(count: int = 60) -> None:
    """Fill the shop with things that differ in everything a list can be narrowed by."""
    dice = random.Random(7)
    merchants = [make_merchant(country, free_returns=country == "FR") for country in ("DE", "FR", "CN")]
    operations.load_rates(today=TODAY)
    for hours in range(6):
        for merchant in merchants:
            items = [invent(dice, n) for n in range(count // 18 + 1)]
            operations.save_listings(
                merchant_id=merchant.pk, items=items, now=NOW - timedelta(hours=hours), publish=True
            )
    Listing.objects.update(sellable_in=["DE"])
    operations.refresh_listings(listing_ids=list(Listing.objects.values_list("pk", flat=True)), now=NOW)


def invent(dice: random.Random, n: int) -> ListingDraft:
    return draft(
        title=dice.choice(["Oak lamp", "Linen blanket"]) + f" {n}",
        category=dice.choice(["kit.tableware", "el.lamp", "toy.general"]),
        price={"EUR": dice.randint(500, 9000)},
        on_hand=dice.choice([0, 4]),
        origin=dice.choice(["DE", "CN", ""]),
        brand=dice.choice(["Nordhaus", "Lys"]),
        condition=dice.choice(["new", "used"]),
    )


COLUMNS = {"origin": "origin", "seller": "seller_country", "brand": "brand", "condition": "condition"}


def chosen(filters: Filters) -> dict[str, Callable[[dict], bool]]:
    """Return each filter that is set as a test of a row."""
    columns = {**COLUMNS, "category": "category__code"}
    tests: dict[str, Callable[[dict], bool]] = {}
    for name, column in columns.items():
        if values := getattr(filters, name):
            tests[name] = partial(
                lambda row, column, values: row[column] in values, column=column, values=values
            )
    for name in ("in_stock", "free_returns"):
        if getattr(filters, name):
            tests[name] = partial(lambda row, name: row[name], name=name)
    if filters.price_max:
        tests["price"] = lambda row: row["price"] <= filters.price_max
    return tests


def recount(filters: Filters) -> dict[str, Counter]:
    """Count the naive way: every choice over all rows that the other filters leave."""
    rows = list(
        ListingIndex.objects.values("category__code", "in_stock", "free_returns", "price", *COLUMNS.values())
    )
    tests = chosen(filters)

    def left(name: str) -> list[dict]:
        return [row for row in rows if all(test(row) for key, test in tests.items() if key != name)]

    counted = {
        name: Counter(row[column] for row in left(name) if row[column]) for name, column in COLUMNS.items()
    }
    counted["category"] = Counter(row["category__code"] for row in left("category"))
    counted["flags"] = Counter({f: sum(row[f] for row in left(f)) for f in ("in_stock", "free_returns")})
    counted["all"] = Counter({"all": len(left(""))})
    return counted


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(origin=("CN",)),
        Filters(origin=("CN", "DE"), brand=("Lys",)),
        Filters(in_stock=True, condition=("used",)),
        Filters(in_stock=True, free_returns=True, category=("el.lamp",), price_max=6000),
    ],
)
def test_facets_equal_a_naive_recount(filters: Filters) -> None:
    many()
    facets = build_list_page(Wanted(filters=filters), DE, TODAY).facets
    counted = {
        choice.key: Counter({v.value: v.count for v in choice.values if v.count}) for choice in facets.choices
    }
    counted["flags"] = Counter(
        {v.value: v.count for v in facets.flags if v.value in ("in_stock", "free_returns")}
    )
    counted["all"] = Counter({"all": facets.count.number})
    assert counted == recount(filters)


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("query", ["", "lamp"])
def test_pages_read_one_after_another_give_everything_once(sort: Sort, query: str) -> None:
    many()
    whole = build_list_page(Wanted(sort=sort, query=query, size=500), DE, TODAY).cards
    read, after = [], ""
    while True:
        page = build_list_page(Wanted(sort=sort, query=query, size=7, after=after), DE, TODAY)
        read += page.cards
        after = page.next_cursor
        if not after:
            break
    assert [card.listing for card in read] == [card.listing for card in whole]


def test_a_listing_that_goes_away_moves_nothing() -> None:
    many(20)
    first = build_list_page(Wanted(size=5), DE, TODAY)
    following = build_list_page(Wanted(size=5, after=first.next_cursor), DE, TODAY)
    operations.archive_listing(listing_id=first.cards[2].listing_id, now=NOW)
    again = build_list_page(Wanted(size=5, after=first.next_cursor), DE, TODAY)
    assert [card.listing for card in again.cards] == [card.listing for card in following.cards]


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(query="lamp"), Wanted(query="lmap"), Wanted(filters=Filters(brand=("Lys",)))]
)
def test_queries_do_not_grow_with_what_is_listed(wanted: Wanted) -> None:
    numbers = []
    for count in (1, 4):
        for _ in range(count):
            make_listing(title="Oak lamp", brand="Lys")
        build_list_page(wanted, DE, TODAY)
        with CaptureQueriesContext(connection) as captured:
            build_list_page(wanted, DE, TODAY)
        numbers.append(len(captured))
    assert numbers[0] == numbers[1] <= 12


def test_a_kept_page_costs_one_query_until_something_changes() -> None:
    listing = make_listing(title="Oak lamp", price={"EUR": 4900})
    list_page(Wanted(), DE, TODAY)
    with CaptureQueriesContext(connection) as captured:
        [card] = list_page(Wanted(), DE, TODAY).cards
    operations.update_listing(listing_id=listing.pk, now=NOW, texts={"en": TextDraft("Elm lamp")})
    allow(listing)
    [changed] = list_page(Wanted(), DE, TODAY).cards
    assert (len(captured), card.title, changed.title) == (1, "Oak lamp", "Elm lamp")


def test_a_change_elsewhere_leaves_a_category_as_it_is(django_assert_num_queries) -> None:
    make_listing(category="el.lamp")
    wanted = Wanted(scope=Scope("category", Category.objects.get(code="el.lamp").pk))
    list_page(wanted, DE, TODAY)
    make_listing(category="toy.general")
    with django_assert_num_queries(1):
        list_page(wanted, DE, TODAY)


def test_a_group_holds_its_categories() -> None:
    listing = make_listing(category="el.lamp")
    group = Category.objects.get(code="el.lamp").parent
    page = build_list_page(Wanted(scope=Scope("group", group.pk)), DE, TODAY)
    assert [card.listing for card in page.cards] == [listing.public_id]


def test_the_price_range_is_in_the_shoppers_currency() -> None:
    make_listing(price={"EUR": 4900})
    facets = build_list_page(Wanted(), place_of("GB", "en", "GBP"), TODAY).facets
    assert facets.price_min.currency == "GBP"


def test_archived_and_drafts_are_found_by_nobody() -> None:
    operations.archive_listing(listing_id=make_listing(title="Oak lamp").pk, now=NOW)
    assert (titles("oak"), Listing.objects.count()) == ([], 1)
