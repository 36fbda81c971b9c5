"""Prepared replies: placeholders are checked, legal figures are looked up where the complainant lives."""

from __future__ import annotations

import pytest

from complaints.domain.errors import Incomplete
from complaints.domain.macros import unknown_in
from complaints.models import Macro
from complaints.operations.macros import load_macros, save_macro
from complaints.queries.macros import is_rule, prepared_for
from tests.complaints.factories import make_ticket

pytestmark = pytest.mark.django_db
ORDER = {"lines": [{"title": "Lamp"}], "seller": {"name": "Good Lamps"}}


def save(body: str, **fields):
    return save_macro(slug="one", name="One", bodies={"en": body}, **fields)


def test_placeholders_are_filled_in_from_the_complaint():
    save("Hello {{name}}, {{number}}: {{product}} of {{seller}}.")
    row = make_ticket()
    [one] = prepared_for(row, ORDER)
    assert one.body == f"Hello Ada, {row.public_id}: Lamp of Good Lamps."


@pytest.mark.parametrize(
    ("market", "said"),
    [
        ("DE", "14 days (Directive 2011/83/EU, Art. 9(1))"),
        ("FR", "14 days (Directive 2011/83/EU, Art. 9(1))"),
    ],
)
def test_legal_figures_come_from_the_rulebook_with_their_source(market, said):
    save("{{law:withdrawal.period}} ({{source:withdrawal.period}})")
    [one] = prepared_for(make_ticket(market=market), {})
    assert one.body == said


def test_a_reply_whose_law_is_not_there_is_not_offered():
    save("{{law:withdrawal.period}}")
    assert prepared_for(make_ticket(market="US"), {}) == []


def test_it_is_written_in_the_complainants_language_else_in_english():
    save_macro(slug="one", name="One", bodies={"en": "Hello", "de": "Guten Tag"})
    bodies = [prepared_for(make_ticket(language=language), {})[0].body for language in ("de", "fr")]
    assert bodies == ["Guten Tag", "Hello"]


@pytest.mark.parametrize(
    ("body", "strange"),
    [("{{nmae}}", ("nmae",)), ("{{law:withdrawal.perid}}", ("law:withdrawal.perid",)), ("{{name}", ("{{",)), ("{{law:}}", ("law:",)), ("{{ name }}", ())],
)  # fmt: skip
def test_what_means_nothing_is_named(body, strange):
    assert unknown_in(body, is_rule=is_rule) == strange


def test_a_reply_with_a_wrong_placeholder_is_not_kept():
    with pytest.raises(Incomplete) as refused:
        save("Hello {{nmae}}")
    assert (refused.value.field, Macro.objects.count()) == ("body_en", 0)


def test_the_houses_own_replies_pass_and_are_loaded_once_and_what_was_changed_stays():
    made = load_macros()
    Macro.objects.filter(slug="we-look-into-it").update(name="Ours")
    assert (made, load_macros(), Macro.objects.get(slug="we-look-into-it").name) == (4, 0, "Ours")
