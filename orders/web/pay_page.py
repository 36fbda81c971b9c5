"""What the payment page shows, and what its content policy must open for the provider's form."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.accounts.place import Place
from orders.models import Checkout, Payment, Supplement
from orders.operations.payments import Outcome
from orders.web.forms import METHODS
from orders.web.pages import moment, money

Policy = dict[str, list[str]]
STRIPE_HOST = "js.stripe.com"
# What Stripe's own integration guide asks a page for that mounts its elements.
STRIPE_POLICY: Policy = {
    "script-src": ["https://js.stripe.com", "https://*.js.stripe.com"],
    "frame-src": ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
}
# Languages of ours that Stripe calls by another name.
LOCALES = {"zh-hans": "zh"}
UNCONFIRMED = gettext_lazy("Your bank did not confirm that it is you who pays.")
FAILURES = {
    "insufficient_funds": gettext_lazy("There is not enough money on this card."),
    "expired_card": gettext_lazy("This card is no longer valid."),
    "incorrect_cvc": gettext_lazy("The security code of the card was not right."),
    "authentication_required": UNCONFIRMED,
    "payment_intent_authentication_failure": UNCONFIRMED,
}


@dataclass(frozen=True, slots=True)
class CardForm:
    """What the provider's script is given."""

    script: str
    key: str
    secret: str
    return_url: str
    locale: str


@dataclass(frozen=True, slots=True)
class PayPage:
    """A payment on its way: what the shopper can do, and how else they may pay."""

    leave_url: str
    again_url: str
    is_later: bool  # paid later for an order that stands
    kind: str  # form, bank or wait
    amount: str
    hold: str
    failure: str
    others: str
    form: CardForm | None
    bank_url: str


def pay_page(checkout: Checkout, outcome: Outcome, place: Place, *, site: str) -> PayPage:
    """Return the page of a payment that is on its way; `site` is this site's address as the shopper sees it."""
    payment, token = outcome.payment, checkout.token
    form = _card_form(payment, place, site + reverse("checkout-bank", args=[token]))
    bank_url = _bank_url(payment)
    return PayPage(
        leave_url=reverse("checkout-pay-leave", args=[token]),
        again_url=reverse("checkout-pay", args=[token]),
        is_later=False,
        kind="form" if form else "bank" if bank_url else "wait",
        amount=money(payment.amount_minor, payment.currency, place.language),
        hold=moment(checkout.expires_at, place.language, place.time_zone),
        failure=failure_in_words(payment.failure),
        others=", ".join(str(METHODS.get(code, code)) for code in _others(payment)),
        form=form,
        bank_url=bank_url,
    )


def supplement_page(
    supplement: Supplement, payment: Payment, place: Place, time_zone: str, *, site: str
) -> PayPage:
    """Return the page of a payment of a supplement that is on its way."""
    token = supplement.token
    form = _card_form(payment, place, site + reverse("supplement-bank", args=[token]))
    bank_url = _bank_url(payment)
    return PayPage(
        leave_url=reverse("supplement-leave", args=[token]),
        again_url=reverse("supplement", args=[token]),
        is_later=True,
        kind="form" if form else "bank" if bank_url else "wait",
        amount=money(payment.amount_minor, payment.currency, place.language),
        hold=moment(supplement.pay_by, place.language, time_zone),
        failure=failure_in_words(payment.failure),
        others=", ".join(str(METHODS.get(code, code)) for code in _others(payment)),
        form=form,
        bank_url=bank_url,
    )


def _others(payment: Payment) -> list[str]:
    return [code for code in settings.PAYMENT_PROVIDERS if code != payment.provider]


def _card_form(payment: Payment, place: Place, return_url: str) -> CardForm | None:
    if payment.action.get("kind") != "form":
        return None
    return CardForm(
        script=settings.STRIPE_SCRIPT_URL,
        key=settings.STRIPE_PUBLISHABLE_KEY,
        secret=payment.action["client_secret"],
        return_url=return_url,
        locale=LOCALES.get(place.language, place.language),
    )


def _bank_url(payment: Payment) -> str:
    """Return the bank's address if a browser may be sent there: encrypted, our own, or the local stand-in's."""
    url = payment.action.get("url", "")
    is_ours = url.startswith("/") and not url.startswith(("//", "/\\"))
    is_stand_in = bool(settings.STRIPE_API_BASE) and url.startswith(f"{settings.STRIPE_API_BASE}/")
    return url if is_ours or is_stand_in or url.startswith("https://") else ""


def failure_in_words(code: str) -> str:
    """Return why the last card was not accepted, in one sentence; "" if none was refused."""
    return str(FAILURES.get(code, _("The card was declined."))) if code else ""


def policy_for(form: CardForm) -> Policy:
    """Return what the payment page opens, beyond the site's own policy, for the form's script to work."""
    address = urlsplit(form.script)
    if address.hostname == STRIPE_HOST:
        return STRIPE_POLICY
    origin = [f"{address.scheme}://{address.netloc}"]
    return {"script-src": origin, "frame-src": origin, "connect-src": origin}
