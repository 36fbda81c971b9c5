"""What a checkout still needs, and its page as a frozen view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings

from compliance.rulebook import lookups
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from orders.domain.consents import TRAITS, ConsentNeeded, consent_needed
from orders.domain.quote import Quote
from orders.models import Checkout, Payment


@dataclass(frozen=True, slots=True)
class CheckoutView:
    """The checkout page."""

    public_id: str
    state: str
    market: str
    language: str
    currency: str
    email: str
    address: dict[str, str]
    shipping: dict[str, str]
    quote: Quote | None
    quote_digest: str
    consents: tuple[ConsentNeeded, ...]
    given: frozenset[str]  # variants whose consent is given
    missing: tuple[str, ...]  # address, shipping, consent, quote
    expires_at: datetime
    button: str  # the words the market's law asks for, in the shopper's language where it has them
    payment_methods: tuple[str, ...]
    payment: dict[str, Any] | None  # the latest attempt: {public_id, state, failure, action}

    @property
    def may_order(self) -> bool:
        return self.state == Checkout.State.OPEN and not self.missing


def find_checkout(*, token: str, user: User | None = None) -> Checkout:
    """Return the checkout behind a token; one that an account owns opens for that account alone.

    :raises NotFound: for everybody else.
    """
    found = Checkout.objects.filter(token=token).select_related("basket").first() if token else None
    if found is None or (found.user_id is not None and (user is None or user.pk != found.user_id)):
        raise NotFound(field="checkout")
    return found


def belongs_to_account(*, token: str) -> bool:
    """Tell whether there is a checkout behind a token that opens for one account only."""
    return Checkout.objects.filter(token=token, user__isnull=False).exists()


def latest_payment(checkout: Checkout) -> Payment | None:
    """Return the payment that is on its way or stands, or else the last that was tried."""
    tried = list(checkout.payments.order_by("-pk"))
    ended = (Payment.State.FAILED, Payment.State.CANCELLED)
    return next((one for one in tried if one.state not in ended), tried[0] if tried else None)


def view_checkout(checkout: Checkout, *, now: datetime) -> CheckoutView:
    """Return the page of a checkout as it is stored; the quote is the one last shown."""
    needed = consents_of(checkout, now=now)
    payment = latest_payment(checkout)
    return CheckoutView(
        public_id=checkout.public_id,
        state=checkout.state,
        market=checkout.market,
        language=checkout.language,
        currency=checkout.currency,
        email=checkout.email,
        address=checkout.address,
        shipping=checkout.shipping,
        quote=checkout.quote or None,
        quote_digest=checkout.quote_digest,
        consents=needed,
        given=frozenset(checkout.consents),
        missing=_missing(checkout, needed),
        expires_at=checkout.expires_at,
        button=order_button(checkout.market, checkout.language, now),
        payment_methods=tuple(settings.PAYMENT_PROVIDERS),
        payment=_payment(payment) if payment else None,
    )


def missing_from(checkout: Checkout, *, now: datetime) -> tuple[str, ...]:
    """Return the names of the steps that are not done."""
    return _missing(checkout, consents_of(checkout, now=now))


def _missing(checkout: Checkout, needed: Iterable[ConsentNeeded]) -> tuple[str, ...]:
    missing = [] if checkout.email and checkout.address else ["address"]
    if any(one.variant not in checkout.consents for one in needed):
        missing.append("consent")
    if not checkout.quote_digest:
        missing.append("quote")
    return tuple(missing)


def consents_of(checkout: Checkout, *, now: datetime) -> tuple[ConsentNeeded, ...]:
    """Return the consents that lines of this checkout need in its market."""
    found = (
        consent_needed(variant, traits, market=checkout.market, on=now.date())
        for variant, traits in _traits(checkout).items()
    )
    return tuple(one for one in found if one is not None)


def order_button(market: str, language: str, now: datetime) -> str:
    """Return the words on the order button by the market's law; "" where it prescribes none."""
    duty = lookups.languages_required(market)
    for code in (language, *duty, "en"):
        found = lookups.wording("order_button", market, code, now.date())
        if found:
            return found.text
    return ""


def variant_ids(checkout: Checkout) -> dict[str, int]:
    """Return the primary keys of a checkout's variants by public id."""
    wanted = [line["variant"] for line in checkout.lines]
    model = apps.get_model("catalog", "Variant")
    return dict(model.objects.filter(public_id__in=wanted).values_list("public_id", "pk"))


def traits_of(disclosures: dict[str, Any], traits: list[str]) -> tuple[str, ...]:
    """Return the facts of a product on which exceptions from withdrawal rest."""
    return tuple(name for name in TRAITS if name in traits or disclosures.get(name) is True)


def _traits(checkout: Checkout) -> dict[str, tuple[str, ...]]:
    wanted = [line["variant"] for line in checkout.lines]
    model = apps.get_model("catalog", "Variant")
    rows = model.objects.filter(public_id__in=wanted).values_list(
        "public_id", "listing__disclosures", "listing__traits"
    )
    return {variant: traits_of(disclosures, traits) for variant, disclosures, traits in rows}


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "public_id": payment.public_id,
        "state": payment.state,
        "failure": payment.failure,
        "action": payment.action,
    }
