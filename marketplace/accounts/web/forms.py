"""Forms of the accounts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from compliance.rulebook import lookups
from marketplace.accounts.place import known_markets

LANGUAGE_NAMES = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


class PlainSelect(forms.Select):
    """A choice among many, written at once: Django draws a template for each, and countries are many."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html(
            "<select{}>{}</select>",
            flatatt({"name": name, **self.build_attrs(self.attrs, attrs)}),
            _options(
                tuple((str(code), str(label)) for code, label in self.choices), *self.format_value(value)
            ),
        )


@lru_cache(maxsize=1024)
def _options(choices: tuple[tuple[str, str], ...], *chosen: str) -> SafeString:
    rows = [(code, mark_safe(" selected") if code in chosen else "", label) for code, label in choices]
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


class PlaceForm(forms.Form):
    """Any of the four choices; what is not sent is not changed."""

    market = forms.CharField(label=_("Ship to"), required=False, widget=forms.Select())
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_NAMES, required=False)
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in settings.CURRENCIES], required=False
    )
    theme = forms.ChoiceField(
        label=_("Appearance"),
        choices=[("auto", _("as the device")), ("light", _("light")), ("dark", _("dark"))],
        required=False,
    )

    def clean_market(self) -> str:
        market = self.cleaned_data["market"]
        if market and market not in known_markets():
            raise forms.ValidationError(_("We do not ship to this place."))
        return market


class DetailsForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class AddressForm(forms.Form):
    """A postal address; which parts a country needs is the operation's business."""

    name = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    extra = forms.CharField(
        label=_("Flat, floor, care of"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = forms.CharField(
        label=_("Town or city"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    region = forms.CharField(
        label=_("State or province"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    country = forms.ChoiceField(label=_("Country"), widget=PlainSelect(attrs={"autocomplete": "country"}))
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        help_text=_("Only for the carrier."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    is_default = forms.BooleanField(label=_("Use this address unless I choose another"), required=False)

    def __init__(self, *args: Any, countries: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries
        self._mark_needed(str((self.data if self.is_bound else self.initial).get("country") or ""))

    def _mark_needed(self, country: str) -> None:
        """Do not call optional what the country's post needs; the operation says how it is written there."""
        locale = lookups.locale(country.strip().upper()) if country else None
        if locale is not None:
            self.fields["postcode"].is_needed = bool(locale.postcode_regex)  # type: ignore[attr-defined]
            self.fields["region"].is_needed = locale.state_required  # type: ignore[attr-defined]
