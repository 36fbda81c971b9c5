"""What a checkout still needs, and its page as a frozen view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation

from catalog.queries.rights import Terms, consents_needed, terms_of_variants
from compliance.rulebook import lookups
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from marketplace.kernel.prepared import prepared
from orders.domain.consents import WORDINGS, ConsentNeeded
from orders.domain.quote import Quote
from orders.models import Checkout, Payment
from orders.queries.goods import text_in


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
    given: frozenset[tuple[str, str]]  # (variant, kind) of the consents that are given
    terms: Mapping[str, Terms]  # by variant: what decides its rights
    missing: tuple[str, ...]  # address, shipping, consent, quote
    expires_at: datetime
    button: str  # the words the market's law asks for, in the shopper's language where it has them
    payment_methods: tuple[str, ...]
    payment: dict[str, Any] | None  # the latest attempt: {public_id, state, failure, action}

    @property
    def may_order(self) -> bool:
        return self.state == Checkout.State.OPEN and not self.missing


@prepared
def _by_token(token: str) -> QuerySet[Checkout]:
    return Checkout.objects.filter(token=token).select_related("basket")


@prepared
def _payments_of(checkout_id: int) -> QuerySet[Payment]:
    return Payment.objects.filter(checkout_id=checkout_id, purpose="order").order_by("-pk")


def find_checkout(*, token: str, user: User | None = None) -> Checkout:
    """Return the checkout behind a token; one that an account owns opens for that account alone.

    :raises NotFound: for everybody else.
    """
    found = _by_token.first(token) if token else None
    if found is None or (found.user_id is not None and (user is None or user.pk != found.user_id)):
        raise NotFound(field="checkout")
    return found


def belongs_to_account(*, token: str) -> bool:
    """Tell whether there is a checkout behind a token that opens for one account only."""
    return Checkout.objects.filter(token=token, user__isnull=False).exists()


def latest_payment(checkout: Checkout) -> Payment | None:
    """Return the payment that is on its way or stands, or else the last that was tried."""
    tried = _payments_of(checkout.pk)
    ended = (Payment.State.FAILED, Payment.State.CANCELLED)
    return next((one for one in tried if one.state not in ended), tried[0] if tried else None)


def view_checkout(checkout: Checkout, *, now: datetime) -> CheckoutView:
    """Return the page of a checkout as it is stored; the quote is the one last shown."""
    terms = terms_of_variants(line["variant"] for line in checkout.lines)
    needed = _consents(checkout, terms, now)
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
        given=given_in(checkout),
        terms=terms,
        missing=_missing(checkout, needed),
        expires_at=checkout.expires_at,
        button=order_button(checkout.market, checkout.language, now),
        payment_methods=tuple(settings.PAYMENT_PROVIDERS),
        payment=_payment(payment) if payment else None,
    )


def missing_from(
    checkout: Checkout, *, now: datetime, terms: Mapping[str, Terms] | None = None
) -> tuple[str, ...]:
    """Return the names of the steps that are not done; `terms` as for `consents_of`."""
    return _missing(checkout, consents_of(checkout, terms=terms, now=now))


def _missing(checkout: Checkout, needed: Iterable[ConsentNeeded]) -> tuple[str, ...]:
    missing = [] if checkout.email and checkout.address else ["address"]
    given = given_in(checkout)
    if any((one.variant, one.kind) not in given for one in needed):
        missing.append("consent")
    if not checkout.quote_digest:
        missing.append("quote")
    return tuple(missing)


def consents_of(
    checkout: Checkout, *, now: datetime, terms: Mapping[str, Terms] | None = None
) -> tuple[ConsentNeeded, ...]:
    """Return the consents that lines of this checkout need in its market, in the order of the lines.

    `terms` are given where they were read already. One query if not, another if there are any.
    """
    if terms is None:
        terms = terms_of_variants(line["variant"] for line in checkout.lines)
    return _consents(checkout, terms, now)


def _consents(checkout: Checkout, terms: Mapping[str, Terms], now: datetime) -> tuple[ConsentNeeded, ...]:
    found = [
        (line["variant"], one)
        for line in checkout.lines
        if line["variant"] in terms
        for one in consents_needed(terms[line["variant"]], market=checkout.market, on=now.date())
    ]
    titles = _titles({variant for variant, _one in found}, checkout.language) if found else {}
    return tuple(
        ConsentNeeded(variant, one.kind, one.ground, titles.get(variant, "")) for variant, one in found
    )


def given_in(checkout: Checkout) -> frozenset[tuple[str, str]]:
    """Return the consents that are given, as pairs of variant and kind."""
    return frozenset((variant, kind) for variant, kinds in checkout.consents.items() for kind in kinds)


def consent_in_words(consent: ConsentNeeded, language: str) -> tuple[str, str]:
    """Return what a shopper reads beside the box, and the language it is in: English where it is not translated."""
    sentence = WORDINGS[consent.kind].sentence
    with translation.override(language):
        words = translation.gettext(sentence)
    return words % {"title": consent.title}, language if words != sentence else "en"


def _titles(variants: Iterable[str], language: str) -> dict[str, str]:
    rows = apps.get_model("catalog", "Variant").objects.filter(public_id__in=list(variants))
    rows = rows.select_related("listing").prefetch_related("listing__texts")
    texts = {row.public_id: (text_in(row.listing, language), row.listing.code) for row in rows}
    return {variant: text.title if text else code for variant, (text, code) in texts.items()}


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
    return dict(_variant_ids([line["variant"] for line in checkout.lines]))


@prepared
def _variant_ids(wanted: list[str]) -> QuerySet[Any]:
    model = apps.get_model("catalog", "Variant")
    return model.objects.filter(public_id__in=wanted).values_list("public_id", "pk")


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "public_id": payment.public_id,
        "state": payment.state,
        "failure": payment.failure,
        "action": payment.action,
    }
