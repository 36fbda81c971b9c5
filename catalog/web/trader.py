"""Who sells, as the law asks it to be shown: what components/trader_card.html draws."""

from __future__ import annotations

from dataclasses import dataclass

from babel.dates import format_date
from django.urls import reverse
from django.utils.translation import gettext as _

from compliance.presentation import locale_of
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place


@dataclass(frozen=True, slots=True)
class NumberView:
    """A register, a tax number: its name and what stands there."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedView:
    """When and against what we checked who they are."""

    on: str
    how: str


@dataclass(frozen=True, slots=True)
class TraderView:
    """A merchant as shoppers see them."""

    url: str
    name: str
    legal_name: str
    private: bool
    kind_label: str
    address: tuple[str, ...]
    email: str
    phone: str
    registers: tuple[NumberView, ...]
    verified: VerifiedView | None
    warning: str
    answers: tuple[str, ...]


def trader_view(merchant: Merchant, place: Place) -> TraderView:
    """Return who sells, in the visitor's language."""
    private = merchant.kind == Merchant.Kind.PRIVATE
    return TraderView(
        url=reverse("merchant", args=[merchant.slug]),
        name=merchant.name,
        legal_name=merchant.legal_name,
        private=private,
        kind_label=_("A private seller") if private else _("A trader"),
        address=_address(merchant, place.language),
        email=merchant.email,
        phone=merchant.phone,
        registers=_registers(merchant),
        verified=_verified(merchant, place.language),
        warning=_("A private seller. Consumer law does not apply to this purchase.") if private else "",
        answers=(
            _(
                "The seller ships, takes returns and answers for faults. We take the payment for the seller, "
                "keep your papers and help if something goes wrong."
            ),
        ),
    )


def _address(merchant: Merchant, language: str) -> tuple[str, ...]:
    country = str(locale_of(language).territories.get(merchant.country, merchant.country))
    lines = (merchant.street, f"{merchant.postcode} {merchant.city}".strip(), merchant.region, country)
    return tuple(line for line in lines if line)


def _registers(merchant: Merchant) -> tuple[NumberView, ...]:
    register = " ".join(part for part in (merchant.register_name, merchant.register_number) if part)
    numbers = (
        (_("Represented by"), str(merchant.numbers.get("representative_name") or "")),
        (_("Register"), register),
        (_("VAT number"), merchant.vat_id),
        (_("Complaints"), merchant.complaints_address),
    )
    return tuple(NumberView(label, value) for label, value in numbers if value)


def _verified(merchant: Merchant, language: str) -> VerifiedView | None:
    if not merchant.verified_at:
        return None
    day = format_date(merchant.verified_at.date(), format="long", locale=locale_of(language))
    return VerifiedView(on=day, how=merchant.verified_by)
