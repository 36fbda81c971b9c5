"""Writes to a checkout: one attempt to buy a basket, up to the moment of payment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from catalog import operations as catalogue
from catalog.queries.rights import Terms
from marketplace.accounts.models import User
from marketplace.accounts.place import Place
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.prepared import prepared
from marketplace.kernel.written import insert, update
from orders.domain.address import clean_address, market_of
from orders.domain.consents import WORDINGS, ConsentNeeded
from orders.domain.errors import (
    BadAddress,
    BasketEmpty,
    CheckoutClosed,
    ConsentNotAsked,
    NotForSale,
    PricesChanged,
)
from orders.domain.quote import Quote, digest_of
from orders.domain.states import CHECKOUT, next_state
from orders.events import CheckoutExpired
from orders.models import Basket, Checkout
from orders.queries.baskets import changes_in
from orders.queries.checkouts import consent_in_words, consents_of, given_in
from orders.queries.quotes import compute_quote

LIVE = (Checkout.State.OPEN, Checkout.State.PAYING)


@prepared
def checkout_locked(checkout_id: int) -> QuerySet[Checkout]:
    """Lock a checkout."""
    return Checkout.objects.select_for_update().filter(pk=checkout_id)


@prepared
def _live_locked(basket_id: int) -> QuerySet[Checkout]:
    live = Checkout.objects.select_for_update().filter(basket_id=basket_id, state__in=LIVE)
    return live.order_by("pk")[:1]


@prepared
def _basket_locked(basket_id: int) -> QuerySet[Basket]:
    return Basket.objects.select_for_update().filter(pk=basket_id, closed_at=None)


def holder_of(checkout: Checkout) -> str:
    """Return the name under which stock is held for a checkout."""
    return f"checkout:{checkout.public_id}"


def hold_until(now: datetime) -> datetime:
    return now + timedelta(minutes=settings.CHECKOUT_HOLD_MINUTES)


@transaction.atomic
def start_checkout(*, basket_id: int, place: Place, user: User | None, now: datetime) -> Checkout:
    """Begin (or go on with) the checkout of a basket: its goods are held from now for a time.

    An open checkout of the same basket is brought up to date instead; one that is being paid is
    returned as it is.

    :raises BasketEmpty: if there is nothing in it.
    :raises PricesChanged: if the basket shows other prices than now asked; nothing is held.
    :raises NotForSale: if something may not be sold to the shopper's market.
    :raises OutOfStock: with every shortage; nothing is held.
    """
    basket = _basket_locked.first(basket_id)
    if basket is None:
        raise NotFound(field="basket")
    live = _live_locked.first(basket.pk)
    if live is not None and live.state == Checkout.State.PAYING:
        return live
    lines, ids = _lines_to_buy(basket, place, now)
    checkout = live or Checkout(basket=basket, user=user, created_at=now)
    _set_place(checkout, place)
    checkout.user = checkout.user or user
    checkout.email = checkout.email or (user.email if user else "")
    checkout.lines, checkout.expires_at = lines, hold_until(now)
    checkout.consents = {key: value for key, value in checkout.consents.items() if key in _variants(lines)}
    if live is None:
        insert([checkout])
    else:
        checkout.save()
    _hold(checkout, ids, now, is_new=live is None)
    return checkout


@dataclass(frozen=True, slots=True)
class Filled:
    """What a shopper filled in on the checkout's page, all of it at once."""

    email: str
    address: Mapping[str, str]
    services: Mapping[str, str]  # by merchant
    ticked: Callable[[ConsentNeeded], bool]
    terms: Mapping[str, Terms]  # of the variants, as they were read for the page
    language: str

    def stands_in(self, checkout: Checkout, *, now: datetime) -> bool:
        """Tell whether a checkout holds all of this already, so that nothing is to be written."""
        given, chosen = given_in(checkout), _chosen(checkout)
        needed = consents_of(checkout, terms=self.terms, now=now)
        try:
            address = clean_address(self.address)
        except BadAddress:
            return False
        return (
            (_email(self.email), address) == (checkout.email, checkout.address)
            and checkout.market == market_of(checkout.address)
            and all(chosen.get(merchant) == service for merchant, service in self.services.items())
            and all(self.ticked(one) == ((one.variant, one.kind) in given) for one in needed)
        )


@transaction.atomic
def fill_in(*, checkout_id: int, filled: Filled, quote: bool, now: datetime) -> Checkout:
    """Write down the whole form, and work the quote out if it is asked for; all of it or nothing.

    Which consents are asked for follows from the address's law.

    :raises: what `set_address`, `choose_shipping` and `show_quote` raise.
    """
    checkout = _lock_open(checkout_id, now)
    market, given, chosen = checkout.market, given_in(checkout), _chosen(checkout)
    _set_address(checkout, filled.email, filled.address, now)
    moved = checkout.market != market  # what was chosen before may not be offered there
    for merchant, service in filled.services.items():
        if moved or chosen.get(merchant) != service:
            _choose_shipping(checkout, merchant, service, now)
    for consent in consents_of(checkout, terms=filled.terms, now=now):
        if filled.ticked(consent):
            _give_consent(checkout, consent.variant, consent.kind, filled.language, now)
        elif (consent.variant, consent.kind) in given:
            _take_back_consent(checkout, consent.variant, consent.kind)
    if quote:
        _show_quote(checkout, now)
    return checkout


def _chosen(checkout: Checkout) -> dict[str, str]:
    """Return each merchant's way of shipping as it was chosen, or else as it was shown."""
    shown = {part["merchant"]: part["service"] for part in (checkout.quote or {}).get("consignments", [])}
    return shown | checkout.shipping


@transaction.atomic
def set_address(*, checkout_id: int, email: str, address: Mapping[str, str], now: datetime) -> Checkout:
    """Set who buys and where it goes. The address decides the market, and so law and price.

    :raises BadAddress: naming the part that is wrong.
    :raises Invalid: if the e-mail address is none (field ``email``).
    """
    checkout = _lock_open(checkout_id, now)
    _set_address(checkout, email, address, now)
    return checkout


def _set_address(checkout: Checkout, email: str, address: Mapping[str, str], now: datetime) -> None:
    given = _email(email), clean_address(address)
    if given == (checkout.email, checkout.address) and checkout.market == market_of(checkout.address):
        return  # sent again as it stands
    checkout.email, checkout.address = given
    checkout.market = market_of(checkout.address)
    checkout.consents = _still_needed(checkout, now)
    update(checkout, "email", "address", "market", "consents")


@transaction.atomic
def choose_shipping(*, checkout_id: int, merchant: str, service: str, now: datetime) -> Checkout:
    """Choose how a merchant sends its goods.

    :raises Invalid: if the merchant is not in this checkout or offers no such service there.
    """
    checkout = _lock_open(checkout_id, now)
    _choose_shipping(checkout, merchant, service, now)
    return checkout


def _choose_shipping(checkout: Checkout, merchant: str, service: str, now: datetime) -> None:
    for part in quote_of(checkout, now)["consignments"]:
        if part["merchant"] == merchant and service in {one["code"] for one in part["services"]}:
            checkout.shipping = {**checkout.shipping, merchant: service}
            update(checkout, "shipping")
            return
    raise Invalid(
        "This way of shipping is not offered.", field="shipping", merchant=merchant, service=service
    )


@transaction.atomic
def give_consent(*, checkout_id: int, variant: str, kind: str, language: str, now: datetime) -> Checkout:
    """Store a consent that a line needs: the words that were shown, their version and language, and the instant.

    :raises ConsentNotAsked: if this line needs no such consent.
    """
    checkout = _lock_open(checkout_id, now)
    _give_consent(checkout, variant, kind, language, now)
    return checkout


def _give_consent(checkout: Checkout, variant: str, kind: str, language: str, now: datetime) -> None:
    needed = consents_of(checkout, now=now)
    asked = next((one for one in needed if (one.variant, one.kind) == (variant, kind)), None)
    if asked is None:
        raise ConsentNotAsked(field="consent", variant=variant, kind=kind)
    text, spoken = consent_in_words(asked, language)
    if checkout.consents.get(variant, {}).get(kind, {}).get("text") == text:
        return  # ticked before, in the same words: the first instant counts
    given = {
        "text": text,
        "version": WORDINGS[kind].version,
        "language": spoken,
        "ground": asked.ground,
        "given_at": now.isoformat(),
    }
    own = checkout.consents.get(variant, {}) | {kind: given}
    checkout.consents = {**checkout.consents, variant: own}
    update(checkout, "consents")


def _still_needed(checkout: Checkout, now: datetime) -> dict[str, dict[str, object]]:
    """Return the given consents that the law of the market asks for; another market may ask for none."""
    if not checkout.consents:
        return {}
    needed = {(one.variant, one.kind) for one in consents_of(checkout, now=now)}
    kept = {
        variant: {kind: given for kind, given in kinds.items() if (variant, kind) in needed}
        for variant, kinds in checkout.consents.items()
    }
    return {variant: kinds for variant, kinds in kept.items() if kinds}


@transaction.atomic
def take_back_consent(*, checkout_id: int, variant: str, kind: str, now: datetime) -> Checkout:
    """Forget a consent before the order is placed."""
    checkout = _lock_open(checkout_id, now)
    _take_back_consent(checkout, variant, kind)
    return checkout


def _take_back_consent(checkout: Checkout, variant: str, kind: str) -> None:
    own = {name: given for name, given in checkout.consents.get(variant, {}).items() if name != kind}
    rest = {key: value for key, value in checkout.consents.items() if key != variant}
    checkout.consents = rest | ({variant: own} if own else {})
    update(checkout, "consents")


@transaction.atomic
def show_quote(*, checkout_id: int, now: datetime) -> Checkout:
    """Work the quote out and remember it as shown; `quote_digest` is what the order button sends back."""
    checkout = _lock_open(checkout_id, now)
    _show_quote(checkout, now)
    return checkout


def _show_quote(checkout: Checkout, now: datetime) -> None:
    checkout.quote = quote_of(checkout, now)
    checkout.quote_digest = digest_of(checkout.quote)
    update(checkout, "quote", "quote_digest")


@transaction.atomic
def abandon_checkout(*, checkout_id: int, now: datetime) -> Checkout:
    """Give a checkout up: what was held is on the shelf again. One that is closed already stays as it is."""
    checkout = Checkout.objects.select_for_update().get(pk=checkout_id)
    if checkout.state == Checkout.State.OPEN:
        _close(checkout, "abandon", now)
    return checkout


@transaction.atomic
def expire_checkout(*, checkout_id: int, now: datetime) -> bool:
    """Close an open checkout whose time is over; tell whether it was."""
    checkout = Checkout.objects.select_for_update().get(pk=checkout_id)
    if checkout.state != Checkout.State.OPEN or checkout.expires_at > now:
        return False
    _close(checkout, "expire", now)
    outbox.publish(CheckoutExpired(checkout.public_id))
    return True


def quote_of(checkout: Checkout, now: datetime) -> Quote:
    """Return what the checkout costs at this moment."""
    return compute_quote(
        wants=[(line["variant"], line["quantity"]) for line in checkout.lines],
        shipping=checkout.shipping,
        market=checkout.market,
        language=checkout.language,
        currency=checkout.currency,
        on=now.date(),
    )


def _lines_to_buy(
    basket: Basket, place: Place, now: datetime
) -> tuple[list[dict[str, object]], dict[str, int]]:
    """Return what is bought, and the keys of its variants by public id."""
    found = changes_in(basket, place=place, on=now.date())
    if not found.lines:
        raise BasketEmpty(field="basket")
    if found.gone:
        raise NotForSale(field="basket", variants=list(found.gone), market=place.market)
    if found.changes:
        raise PricesChanged(changes=[change.as_json() for change in found.changes])
    lines: list[dict[str, object]] = [
        {"variant": line.variant, "quantity": line.quantity} for line in found.lines
    ]
    return lines, {line.variant: line.goods.variant_id for line in found.lines if line.goods}


def _hold(checkout: Checkout, ids: Mapping[str, int], now: datetime, *, is_new: bool) -> None:
    wants = [(ids[line["variant"]], line["quantity"]) for line in checkout.lines]
    catalogue.reserve_stock(
        holder=holder_of(checkout), items=wants, until=checkout.expires_at, now=now, is_new=is_new
    )


def _close(checkout: Checkout, action: str, now: datetime) -> None:
    checkout.state = next_state(CHECKOUT, checkout.state, action)
    checkout.save(update_fields=["state"])
    catalogue.release_reservations(holder=holder_of(checkout), now=now)


def _lock_open(checkout_id: int, now: datetime) -> Checkout:
    checkout = checkout_locked.first(checkout_id)
    if checkout is None:
        raise NotFound(field="checkout")
    if checkout.state != Checkout.State.OPEN or checkout.expires_at <= now:
        raise CheckoutClosed(state=checkout.state)
    return checkout


def _set_place(checkout: Checkout, place: Place) -> None:
    checkout.language, checkout.currency = place.language, place.currency
    checkout.market = market_of(checkout.address) if checkout.address else place.market


def _variants(lines: list[dict[str, object]]) -> set[object]:
    return {line["variant"] for line in lines}


def _email(value: str) -> str:
    try:
        validate_email(value.strip())
    except ValidationError:
        raise Invalid("This is not an e-mail address.", field="email") from None
    return value.strip()
