"""What the pages say of the law: national law before the Union's, values in words, doubt marked, changes ahead."""

from __future__ import annotations

from datetime import date

from django.utils import translation

from compliance import rulebook
from compliance.publishing import reading, searching
from compliance.publishing.rule_page import rule_view
from compliance.publishing.topics import BY_KEY, TOPICS

TODAY = date(2026, 11, 28)


def said(place: str, topic: str) -> list[str]:
    return [one.text for one in reading.topic(place, BY_KEY[topic], today=TODAY).said]


def test_changing_your_mind_in_germany_in_plain_words():
    assert said("DE", "withdrawal")[:3] == [
        "You can change your mind about what you bought online. You need not say why.",
        "You have 14 calendar days for it.",
        "With goods the time begins when the goods arrive.",
    ]


def test_where_the_law_gives_no_right_the_page_says_so():
    assert said("AU", "withdrawal")[0].startswith("The law here gives no general right")


def test_a_country_shows_its_own_rule_and_not_the_unions():
    shown = {
        one.rule
        for group in reading.topic("FR", BY_KEY["guarantee"], today=TODAY).groups
        for one in group.provisions
    }
    assert ("fr.guarantee.burden" in shown, "eu.guarantee.burden" in shown) == (True, False)


def test_every_topic_can_be_shown_in_every_place_and_nothing_is_lost():
    book = rulebook.release()
    for code in book.jurisdictions:
        view = reading.place(code, today=TODAY)
        shown = 0
        for topic in TOPICS:
            found = reading.topic(code, topic, today=TODAY)
            shown += sum(len(group.provisions) for group in found.groups)
        assert shown == view.total, code


def test_values_are_in_the_readers_language():
    with translation.override("de"):
        versions = rule_view("eu.withdrawal.period", today=TODAY).versions
    assert versions[0].value == "14 Kalendertage"


def test_law_ahead_is_dated_and_said_to_be_so():
    ahead = reading.place("DE", today=TODAY).ahead
    assert ahead
    assert all(one.is_ahead and one.since_on > "2026-11-28" for one in ahead)
    assert [one.since_on for one in ahead] == sorted(one.since_on for one in ahead)


def test_a_rule_names_whose_law_it_replaces_and_where_it_governs():
    view, above = rule_view("fr.guarantee.burden", today=TODAY), rule_view("eu.guarantee.burden", today=TODAY)
    assert (view.overrides[0], view.governs) == ("eu.guarantee.burden", (("FR", "France"),))
    assert "fr.guarantee.burden" in {one[0] for one in above.overridden_by}
    assert "FR" not in dict(above.governs)


def test_a_rule_names_the_calculators_that_rest_on_it():
    assert "withdrawal" in rule_view("eu.withdrawal.period", today=TODAY).asks


def test_search_finds_titles_first_folds_accents_and_keeps_to_a_place():
    found, count = searching.search("WITHDRAW period", place="DE")
    nothing = searching.search("consommation", place="JP")
    assert (found[0], "eu.withdrawal.period" in found, nothing) == (found[0], True, ((), 0))
    assert searching.search("garantia ñ") == searching.search("garantia n")
    assert all(not rule.startswith(("jp.", "us.")) for rule in found)
    assert count >= len(found)
