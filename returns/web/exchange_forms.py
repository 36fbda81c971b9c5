"""The form of an exchange: for what, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.documents.words import money
from returns.queries.exchanges import Choice, Wish


class WishForm(forms.Form):
    """Step one: the variant, with what one of it costs more or less, and the number of pieces."""

    def __init__(
        self, choice: Choice, language: str, data: Mapping[str, Any] | None = None, *, pieces: int = 0
    ) -> None:
        super().__init__(data)
        self.fields["variant"] = forms.ChoiceField(
            label=_("What do you want instead?"),
            choices=[
                (one.variant, f"{options_of(one)} · {each_in_words(one, choice.line.currency, language)}")
                for one in choice.wishes
            ],
            widget=forms.RadioSelect,
        )
        if not pieces:
            self.fields["quantity"] = forms.TypedChoiceField(
                label=_("How many do you exchange?"),
                choices=[(n, str(n)) for n in range(1, choice.left + 1)],
                coerce=int,
                initial=choice.left,
            )


class AgreeForm(forms.Form):
    """Step two: the difference as it was shown, in minor units, and what makes two presses of the button one."""

    seen = forms.IntegerField()
    nonce = forms.CharField(max_length=80)


class PolicyForm(forms.Form):
    """What a merchant promises about exchanges."""

    is_offered = forms.BooleanField(label=gettext_lazy("Shoppers may exchange"), required=False)
    days = forms.IntegerField(label=gettext_lazy("Days after delivery"), min_value=1, max_value=365)
    ship_on = forms.ChoiceField(
        label=gettext_lazy("The new piece is sent"),
        choices=[
            ("receipt", gettext_lazy("when the old one is back and accepted")),
            ("scan", gettext_lazy("at the first scan of the return")),
        ],
        widget=forms.RadioSelect,
    )


class ShipForm(forms.Form):
    """How the new piece travels."""

    carrier = forms.CharField(label=gettext_lazy("Carrier"), max_length=60)
    tracking_number = forms.CharField(label=gettext_lazy("Tracking number"), max_length=60)


def options_of(wish: Wish) -> str:
    return ", ".join(f"{name}: {value}" for name, value in wish.options) or wish.sku


def each_in_words(wish: Wish, currency: str, language: str) -> str:
    """Return what one costs more or less."""
    if wish.each_minor == 0:
        return _("the same price")
    amount = money(abs(wish.each_minor), currency, language)
    said = _("%(amount)s more each") if wish.each_minor > 0 else _("%(amount)s less each")
    return said % {"amount": amount}
