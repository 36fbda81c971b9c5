"""Every rule has exactly one topic, every topic's calculators and sentences exist."""

from __future__ import annotations

from compliance import rulebook
from compliance.publishing.plain import SENTENCES
from compliance.publishing.topics import BY_FAMILY, BY_KEY, TOPICS
from compliance.rulebook.tables import table


def test_every_family_of_rules_has_one_topic():
    families = {rule.name.partition(".")[0] for rule in rulebook.release().rules.values()}
    listed = [family for topic in TOPICS for family in topic.families]
    assert (families - BY_FAMILY.keys(), len(listed) - len(set(listed))) == (set(), 0)


def test_topics_name_calculators_and_contacts_that_exist():
    roles = {row["role"] for row in table("contacts")}
    unknown_asks = {ask for topic in TOPICS for ask in topic.asks} - set(rulebook.asks())
    assert (unknown_asks, {role for topic in TOPICS for role in topic.roles} - roles) == (set(), set())


def test_plain_sentences_are_made_of_terms_that_exist():
    names = {rule.name for rule in rulebook.release().rules.values()}
    asked = {one.name for sentences in SENTENCES.values() for one in sentences}
    assert (asked - names, SENTENCES.keys() - BY_KEY.keys()) == (set(), set())
