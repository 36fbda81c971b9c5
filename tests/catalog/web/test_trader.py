"""Who sells, as shoppers see it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.template.loader import render_to_string
from django.utils import translation

from catalog.web.trader import NumberView, VerifiedView, trader_view
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place

BERLIN = Place(market="DE", language="de", currency="EUR", time_zone="Europe/Berlin")


def merchant(**changes: object) -> Merchant:
    given = {
        "slug": "garance", "name": "Garance", "legal_name": "Garance SARL", "country": "FR", "street": "1 rue X",
        "postcode": "13002", "city": "Marseille", "email": "a@garance.example", "register_name": "RCS Marseille",
        "register_number": "918 274 606", "verified_at": datetime(2026, 3, 3, tzinfo=UTC), "verified_by": "Kbis",
    }  # fmt: skip
    return Merchant(**(given | changes))


def test_a_trader_with_its_registers_and_what_we_checked():
    with translation.override("de"):
        view = trader_view(merchant(), BERLIN)

    assert (view.address, view.registers, view.verified, view.warning) == (
        ("1 rue X", "13002 Marseille", "Frankreich"),
        (NumberView("Register", "RCS Marseille 918 274 606"),),
        VerifiedView("3. März 2026", "Kbis"),
        "",
    )


def test_who_represents_the_seller_is_named_where_the_seller_says_it():
    view = trader_view(merchant(numbers={"representative_name": "Claire Morin"}), BERLIN)

    assert view.registers[0].value == "Claire Morin"


def test_a_private_seller_is_told_apart_in_words():
    view = trader_view(merchant(kind=Merchant.Kind.PRIVATE, verified_at=None), BERLIN)
    card = render_to_string("components/trader_card.html", {"trader": view})

    assert (view.verified, view.warning in card, "A private seller" in card) == (None, True, True)
