"""The checkout's one form: where it goes, how it travels, what must be confirmed, how it is paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketplace.accounts.place import Place, country_choices
from marketplace.accounts.web.forms import AddressForm
from orders.domain.address import PARTS
from orders.domain.consents import ConsentNeeded
from orders.queries.checkouts import CheckoutView, consent_in_words
from orders.web.pages import money

METHODS = {"offline": gettext_lazy("Test card (nothing is charged)"), "stripe": gettext_lazy("Card")}
TEST_CARDS = [
    ("card_ok", gettext_lazy("a card that pays at once")),
    ("card_challenge", gettext_lazy("a card whose bank asks you first")),
    ("card_declined", gettext_lazy("a card that is declined")),
]


class CheckoutForm(AddressForm):
    """An address form with the rest of the checkout added to it."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("The confirmation and the papers go there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    is_default = None
    field_order = [
        "email",
        "name",
        "company",
        "street",
        "extra",
        "postcode",
        "city",
        "region",
        "country",
        "phone",
    ]

    def __init__(
        self,
        data: Mapping[str, str] | None,
        *,
        view: CheckoutView,
        place: Place,
        chosen: Mapping[str, str],
    ) -> None:
        initial = {**view.address, "email": view.email}
        initial.setdefault("country", view.market[:2])
        super().__init__(data, countries=country_choices(place.language), initial=initial)
        self.view, self.place = view, place
        self._add_shipping()
        self._add_consents()
        self._add_payment(chosen)
        self.order_fields(self.field_order)

    def _add_shipping(self) -> None:
        for part in (self.view.quote or {}).get("consignments", []):
            choices = [(one["code"], self._service_in_words(one)) for one in part["services"]]
            field = forms.ChoiceField(
                label=_("From %(merchant)s") % {"merchant": part["merchant_name"]},
                choices=choices,
                initial=part["service"],
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"shipping-{part['merchant']}"] = field

    def _service_in_words(self, service: Mapping[str, Any]) -> str:
        price = money(service["price_minor"], self.view.currency, self.place.language)
        days = ngettext("%(least)s to %(most)s day", "%(least)s to %(most)s days", service["max_days"]) % {
            "least": service["min_days"],
            "most": service["max_days"],
        }
        return f"{service['carrier'] or service['code']} · {days} · {price}"

    def _add_consents(self) -> None:
        """Add a box for each consent; a box is ticked only if the shopper ticked it before."""
        for consent in self.view.consents:
            self.fields[consent_field(consent)] = forms.BooleanField(
                label=consent_in_words(consent, self.place.language)[0],
                initial=(consent.variant, consent.kind) in self.view.given,
                required=False,
            )

    def _add_payment(self, chosen: Mapping[str, str]) -> None:
        """Add the ways to pay; what was chosen before the price was shown stays chosen."""
        methods = [(code, METHODS.get(code, code)) for code in self.view.payment_methods]
        self.fields["method"] = forms.ChoiceField(
            label=_("How you pay"),
            choices=methods,
            initial=chosen.get("method") if chosen.get("method") in dict(methods) else methods[0][0],
            widget=forms.RadioSelect,
        )
        if "offline" in self.view.payment_methods:
            card = chosen.get("card")
            self.fields["card"] = forms.ChoiceField(
                label=_("Which test card"),
                choices=TEST_CARDS,
                initial=card if card in dict(TEST_CARDS) else "card_ok",
                required=False,
            )

    def address(self) -> dict[str, str]:
        """Return the parts of the address."""
        return {name: self.cleaned_data.get(name, "") for name in PARTS}

    def means_of_payment(self) -> dict[str, str]:
        """Return the token of what is paid with; a provider's own form asks for it later."""
        return (
            {"token": self.cleaned_data.get("card") or ""} if self.cleaned_data["method"] == "offline" else {}
        )

    def services(self) -> dict[str, str]:
        """Return the chosen service by merchant."""
        return {
            name.removeprefix("shipping-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("shipping-") and value
        }

    @property
    def address_fields(self) -> list[Any]:
        return [self[name] for name in self.field_order]

    @property
    def shipping_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("shipping-")]

    @property
    def consent_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("consent-")]

    @property
    def payment_fields(self) -> list[Any]:
        return [self[name] for name in ("method", "card") if name in self.fields]


class PayLaterForm(forms.Form):
    """How a supplement is paid."""

    def __init__(self, data: Mapping[str, str] | None, *, methods: Iterable[str]) -> None:
        super().__init__(data)
        choices = [(code, METHODS.get(code, code)) for code in methods]
        self.fields["method"] = forms.ChoiceField(
            label=_("How you pay"), choices=choices, initial=choices[0][0], widget=forms.RadioSelect
        )
        if "offline" in dict(choices):
            self.fields["card"] = forms.ChoiceField(
                label=_("Which test card"), choices=TEST_CARDS, initial="card_ok", required=False
            )

    def means_of_payment(self) -> dict[str, str]:
        """Return the token of what is paid with; a provider's own form asks for it later."""
        offline = self.cleaned_data["method"] == "offline"
        return {"token": self.cleaned_data.get("card") or "card_ok"} if offline else {}


def consent_field(consent: ConsentNeeded) -> str:
    """Return the name of a consent's box."""
    return f"consent-{consent.variant}-{consent.kind}"


class FindForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Order number"), max_length=20, help_text=gettext_lazy("It looks like R-7Q2K9F3M.")
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
