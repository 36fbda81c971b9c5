"""Checkouts: goods held for a time, address, shipping, consents, the quote that is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.domain.errors import OutOfStock
from catalog.models import Offer, Stock
from marketplace.kernel.errors import Invalid
from orders import operations
from orders.domain.consents import WORDINGS
from orders.domain.errors import (
    BadAddress,
    BasketEmpty,
    CheckoutClosed,
    CheckoutIncomplete,
    ConsentNotAsked,
    PricesChanged,
    QuoteChanged,
)
from orders.models import Checkout, Payment
from orders.operations.checkouts import Filled
from orders.queries.checkouts import find_checkout, view_checkout
from tests.orders.factories import (
    ADDRESS,
    DE,
    NOW,
    load_rates,
    make_basket,
    make_checkout,
    make_merchant,
    make_variant,
    pay,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=31)
SHANGHAI = {
    "name": "Li",
    "street": "南京路1号",
    "city": "上海",
    "region": "Shanghai",
    "country": "CN",
    "postcode": "200000",
}


@pytest.fixture(autouse=True)
def _rates(db: None) -> None:
    load_rates()


def reserved(variant: object) -> int:
    return Stock.objects.get(variant=variant).reserved


def start(basket: object) -> Checkout:
    return operations.start_checkout(basket_id=basket.pk, place=DE, user=None, now=NOW)  # type: ignore[attr-defined]


def test_goods_are_held_for_the_time_of_the_checkout() -> None:
    tea = make_variant(make_merchant(), stock=5)
    checkout = start(make_basket([(tea, 2)]))
    assert (reserved(tea), checkout.expires_at - NOW) == (2, timedelta(minutes=30))


def test_starting_again_goes_on_with_the_same_checkout_and_what_the_basket_now_holds() -> None:
    tea = make_variant(make_merchant())
    basket = make_basket([(tea, 2)])
    first = start(basket)
    operations.set_quantity(basket_id=basket.pk, variant=tea.public_id, quantity=5, place=DE, now=NOW)
    assert (start(basket).pk, reserved(tea)) == (first.pk, 5)


def test_an_empty_basket_cannot_be_bought() -> None:
    with pytest.raises(BasketEmpty):
        start(make_basket([]))


def test_a_changed_price_stops_the_checkout_before_anything_is_held() -> None:
    tea = make_variant(make_merchant())
    basket = make_basket([(tea, 1)])
    Offer.objects.filter(variant=tea).update(price_minor=1500)
    with pytest.raises(PricesChanged) as refusal:
        start(basket)
    assert [change["what"] for change in refusal.value.data["changes"]] == ["price"]
    assert reserved(tea) == 0


def test_what_another_checkout_holds_is_not_there() -> None:
    tea = make_variant(make_merchant(), stock=3)
    mine, theirs = make_basket([(tea, 2)]), make_basket([(tea, 2)])
    start(theirs)
    with pytest.raises((OutOfStock, PricesChanged)):
        start(mine)
    assert reserved(tea) == 2


def test_time_over_puts_everything_back() -> None:
    tea = make_variant(make_merchant(), stock=5)
    checkout = start(make_basket([(tea, 2)]))
    assert operations.release_expired_checkouts(now=NOW) == 0
    assert operations.release_expired_checkouts(now=LATER) == 1
    checkout.refresh_from_db()
    assert (checkout.state, reserved(tea)) == ("expired", 0)


def test_giving_up_puts_everything_back() -> None:
    tea = make_variant(make_merchant())
    checkout = start(make_basket([(tea, 2)]))
    operations.abandon_checkout(checkout_id=checkout.pk, now=NOW)
    operations.abandon_checkout(checkout_id=checkout.pk, now=NOW)
    checkout.refresh_from_db()
    assert (checkout.state, reserved(tea)) == ("abandoned", 0)


def test_a_lapsed_checkout_takes_no_more_input() -> None:
    checkout = start(make_basket([(make_variant(make_merchant()), 1)]))
    with pytest.raises(CheckoutClosed):
        operations.set_address(checkout_id=checkout.pk, email="a@example.com", address=ADDRESS, now=LATER)


def test_the_address_decides_market_and_total() -> None:
    tea = make_variant(make_merchant("FR"), price=1200)
    checkout = make_checkout([(tea, 1)])
    german = checkout.quote["total_minor"]
    operations.set_address(
        checkout_id=checkout.pk,
        email="ada@example.com",
        address=ADDRESS | {"country": "AT", "postcode": "1010", "city": "Wien", "phone": ""},
        now=NOW,
    )
    austrian = operations.show_quote(checkout_id=checkout.pk, now=NOW)
    assert (austrian.market, german, austrian.quote["total_minor"]) == ("AT", 1190 + 490, 1200 + 490)


@pytest.mark.parametrize(("email", "error"), [("nobody", Invalid), ("", Invalid)])
def test_an_e_mail_address_is_needed(email: str, error: type[Exception]) -> None:
    checkout = start(make_basket([(make_variant(make_merchant()), 1)]))
    with pytest.raises(error) as refusal:
        operations.set_address(checkout_id=checkout.pk, email=email, address=ADDRESS, now=NOW)
    assert refusal.value.field == "email"  # type: ignore[attr-defined]


def test_a_wrong_address_names_the_part() -> None:
    checkout = start(make_basket([(make_variant(make_merchant()), 1)]))
    with pytest.raises(BadAddress) as refusal:
        operations.set_address(
            checkout_id=checkout.pk, email="a@example.com", address=ADDRESS | {"postcode": "1"}, now=NOW
        )
    assert refusal.value.field == "postcode"


def test_each_merchant_sends_its_own_way() -> None:
    fr, it = make_merchant("FR"), make_merchant("IT")
    checkout = make_checkout([(make_variant(fr), 1), (make_variant(it), 1)])
    cheap = checkout.quote["total_minor"]
    operations.choose_shipping(checkout_id=checkout.pk, merchant=it.public_id, service="express", now=NOW)
    checkout = operations.show_quote(checkout_id=checkout.pk, now=NOW)
    services = {part["merchant"]: part["service"] for part in checkout.quote["consignments"]}
    assert services == {fr.public_id: "standard", it.public_id: "express"}
    assert checkout.quote["total_minor"] - cheap == 500


def test_a_service_nobody_offers_is_refused() -> None:
    merchant = make_merchant()
    checkout = make_checkout([(make_variant(merchant), 1)])
    for seller, service in ((merchant.public_id, "rocket"), ("M-NOBODY22", "standard")):
        with pytest.raises(Invalid) as refusal:
            operations.choose_shipping(checkout_id=checkout.pk, merchant=seller, service=service, now=NOW)
        assert refusal.value.field == "shipping"


def test_a_consent_is_asked_for_only_where_the_law_makes_it_count() -> None:
    cream = make_variant(make_merchant("FR"), disclosures={"sealed_hygiene": True}, category="cos.skin_care")
    checkout = make_checkout([(cream, 1)])
    assert view_checkout(checkout, now=NOW).missing == ()
    with pytest.raises(ConsentNotAsked):
        operations.give_consent(
            checkout_id=checkout.pk, variant=cream.public_id, kind="exclusion", language="en", now=NOW
        )
    checkout = make_checkout([(cream, 1)], address=SHANGHAI)
    assert view_checkout(checkout, now=NOW).missing == ("consent",)
    with pytest.raises(CheckoutIncomplete) as refusal:
        pay(checkout)
    assert refusal.value.data["missing"] == ["consent"]
    checkout = operations.give_consent(
        checkout_id=checkout.pk,
        variant=cream.public_id,
        kind="exclusion",
        language="de",
        now=NOW,
    )
    given = checkout.consents[cream.public_id]["exclusion"]
    assert view_checkout(checkout, now=NOW).missing == ()
    assert (given["text"][:4], given["version"], given["ground"], given["given_at"]) == (
        "Ding", WORDINGS["exclusion"].version, "cn.withdrawal.exception.sealed_hygiene", NOW.isoformat(),
    )  # fmt: skip


def test_a_total_that_changed_after_it_was_shown_is_shown_again_and_nothing_is_charged() -> None:
    tea = make_variant(make_merchant("FR"), price=1200)
    checkout = make_checkout([(tea, 1)])
    Offer.objects.filter(variant=tea).update(price_minor=1320)
    with pytest.raises(QuoteChanged) as refusal:
        pay(checkout)
    checkout.refresh_from_db()
    assert (checkout.state, Payment.objects.count()) == ("open", 0)
    assert refusal.value.data == {"digest": checkout.quote_digest, "total_minor": 1309 + 490}
    assert pay(checkout).kind == "placed"


def test_a_token_opens_a_checkout_and_nothing_else_does() -> None:
    checkout = make_checkout([(make_variant(make_merchant()), 1)])
    assert find_checkout(token=checkout.token).pk == checkout.pk
    for token in ("", checkout.public_id, "x" * 43):
        with pytest.raises(Invalid.__mro__[1]):
            find_checkout(token=token)


def test_the_button_says_what_the_markets_law_asks_for() -> None:
    checkout = make_checkout([(make_variant(make_merchant()), 1)])
    assert view_checkout(checkout, now=NOW).button == "zahlungspflichtig bestellen"


def filled(checkout: Checkout, **given: object) -> Filled:
    said = {
        "email": "ada@example.com",
        "address": ADDRESS,
        "services": {},
        "ticked": lambda _: False,
        "language": "en",
    }
    return Filled(**said | {"terms": view_checkout(checkout, now=NOW).terms} | given)  # type: ignore[arg-type]


def fill(checkout: Checkout, *, quote: bool = True, **given: object) -> Checkout:
    what = filled(checkout, **given)
    return operations.fill_in(checkout_id=checkout.pk, filled=what, quote=quote, now=NOW)


def stored(checkout: Checkout) -> tuple[object, ...]:
    found = Checkout.objects.get(pk=checkout.pk)
    return (found.email, found.market, found.address, found.shipping, found.consents, found.quote_digest)


def test_the_whole_form_is_written_as_its_parts_would_be() -> None:
    cream = make_variant(make_merchant("FR"), disclosures={"sealed_hygiene": True}, category="cos.skin_care")
    whole, parts = start(make_basket([(cream, 1)])), start(make_basket([(cream, 1)]))
    fill(whole, address=SHANGHAI, ticked=lambda _: True)
    operations.set_address(checkout_id=parts.pk, email="ada@example.com", address=SHANGHAI, now=NOW)
    operations.give_consent(
        checkout_id=parts.pk, variant=cream.public_id, kind="exclusion", language="en", now=NOW
    )
    operations.show_quote(checkout_id=parts.pk, now=NOW)
    assert stored(whole) == stored(parts)
    fill(whole, address=SHANGHAI)  # not ticked any more
    assert (len(stored(parts)[4]), stored(whole)[4]) == (1, {})


def test_a_form_with_a_fault_leaves_nothing_half_written() -> None:
    merchant = make_merchant()
    checkout = start(make_basket([(make_variant(merchant), 1)]))
    before = stored(checkout)
    with pytest.raises(Invalid):
        fill(checkout, services={merchant.public_id: "by-balloon"})
    assert stored(checkout) == before


def test_what_stands_already_is_known_without_a_lock() -> None:
    merchant = make_merchant()
    checkout = start(make_basket([(make_variant(merchant), 1)]))
    assert not filled(checkout).stands_in(checkout, now=NOW)
    checkout = fill(checkout)
    service = checkout.quote["consignments"][0]["service"]
    assert filled(checkout, services={merchant.public_id: service}).stands_in(checkout, now=NOW)
    others = (
        {"email": "bob@example.com"},
        {"address": ADDRESS | {"city": "Bonn"}},
        {"address": {}},
        {"services": {merchant.public_id: "other"}},
    )
    assert not any(filled(checkout, **one).stands_in(checkout, now=NOW) for one in others)
