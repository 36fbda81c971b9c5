"""Findings in words: sentences, names of languages and markets, sources."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from compliance.checks import operations, queries
from tests.compliance.samples import MERCHANT, honey

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
L = "listing:L-WORDS234"
MERCHANT_SUBJECT = f"merchant:{MERCHANT['public_id']}"


@pytest.mark.django_db
def test_findings_come_gravest_first_with_their_sources() -> None:
    operations.judge(subject=L, facts=honey(disclosures__allergens=None), now=NOW)
    views = queries.in_words(queries.findings_of(L))
    ranks = [("block", "high", "medium", "info").index(view.severity) for view in views]
    assert ranks == sorted(ranks)
    assert (views[0].rule, views[0].what, views[0].is_verified) == (
        "eu.listing.food.allergens",
        "“Allergens” is missing.",
        True,
    )
    assert views[0].cites[0].act == "Regulation (EU) 1169/2011 (food information)"


@pytest.mark.django_db
def test_missing_languages_are_named_in_the_readers_language() -> None:
    facts = honey(disclosures__food_name={"de": "Heidehonig"})
    operations.judge(subject=L, facts=facts, now=NOW)
    (found,) = queries.findings_of(L).filter(rule="eu.listing.food.name")
    with translation.override("en"):
        assert "French, Dutch" in queries.say(found)[0]
    with translation.override("de"):
        assert "Französisch, Niederländisch" in queries.say(found)[0]


def test_markets_have_names_in_every_language_of_the_shop() -> None:
    with translation.override("de"):
        assert queries.market_name("CH") == "Schweiz"
    with translation.override("zh-hans"):
        assert queries.market_name("JP") == "日本"
    with translation.override("en"):
        assert queries.market_name("US-CA") == "California"


@pytest.mark.django_db
def test_a_preview_is_what_a_judgement_would_keep() -> None:
    facts = honey(disclosures__allergens=None, disclosures__food_name={"de": "Heidehonig"})
    operations.judge(subject=L, facts=facts, now=NOW)
    assert queries.preview(facts=facts, today=NOW.date()) == queries.panel_of(L, merchant=MERCHANT_SUBJECT)


@pytest.mark.django_db
def test_a_panel_counts_markets_and_fixes() -> None:
    panel = queries.preview(facts=honey(disclosures__allergens=None), today=NOW.date())
    assert (panel.sellable, panel.markets) == (7, 35)
    assert panel.verdicts()["FR"] == "blocked"
    assert panel.fixes == len([view for view in panel.findings if view.due_on is None])


@pytest.mark.django_db
def test_a_subject_that_was_never_judged_has_no_panel() -> None:
    assert queries.panel_of(L) is None
