"""The forms of a declaration: who, which contract, how many, how to be reached. Nothing else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.queries.withdrawals import OrderChoice

LINE = "line."


class NameOrderForm(forms.Form):
    """Which order, by number and e-mail."""

    number = forms.CharField(
        label=gettext_lazy("Order number"),
        max_length=20,
        help_text=gettext_lazy("It stands in the confirmation, such as R-7Q2K9F3M."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address you ordered with"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class WhoForm(forms.Form):
    """Who declares, and where the receipt goes."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address for the receipt"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class LinesForm(WhoForm):
    """Step one: a number of pieces for each line that can be declared on."""

    def __init__(
        self, choices: Iterable[OrderChoice], data: Mapping[str, Any] | None = None, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.choices = tuple(choices)
        for order in self.choices:
            for line in order.lines:
                most = max(line.left, 0) or line.quantity
                self.fields[f"{LINE}{line.public_id}"] = forms.TypedChoiceField(
                    label=line.title,
                    choices=[(n, _("none") if n == 0 else str(n)) for n in range(most + 1)],
                    coerce=int,
                    initial=0,
                    required=False,
                    empty_value=0,
                )

    def lines(self) -> dict[str, int]:
        """Return how many of each line, by public id."""
        return {
            name.removeprefix(LINE): count
            for name, count in self.cleaned_data.items()
            if name.startswith(LINE) and count
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.data.get("all") == "1":
            for order in self.choices:
                for line in order.lines:
                    if line.left:
                        cleaned[f"{LINE}{line.public_id}"] = line.left
        if not any(count for name, count in cleaned.items() if name.startswith(LINE)):
            self.add_error(None, _("Choose how many pieces of at least one thing."))
        return cleaned


class FreeForm(WhoForm):
    """A declaration without an order that we could find: never refused, placed by a person."""

    number = forms.CharField(
        label=gettext_lazy("Order number, if you know it"), max_length=40, required=False
    )
    text = forms.CharField(
        label=gettext_lazy("Which contract do you withdraw from?"),
        help_text=gettext_lazy("What you bought, from whom and when, as far as you know."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )


class DisputeForm(forms.Form):
    """Why a judgement is wrong."""

    line = forms.CharField(widget=forms.HiddenInput)
    why = forms.CharField(
        label=gettext_lazy("Why do you see it differently?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )


class SendForm(forms.Form):
    """How the goods go back by our label, and what it costs; the price that was shown comes back with the choice."""

    method = forms.ChoiceField(
        label=gettext_lazy("How do you send it back?"),
        choices=[
            ("drop_off", gettext_lazy("I bring it to a parcel shop")),
            ("pick_up", gettext_lazy("Fetch it at my door")),
        ],
        widget=forms.RadioSelect,
        initial="drop_off",
    )
    pick_up_on = forms.DateField(
        label=gettext_lazy("Day to fetch it"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(
        self, prices: Mapping[str, int], data: Any = None, *, show: Callable[[int], str] = str
    ) -> None:
        super().__init__(data)
        method: Any = self.fields["method"]
        method.choices = [
            (code, f"{label} · {show(prices[code])}" if prices[code] else label)
            for code, label in SendForm.base_fields["method"].choices  # type: ignore[attr-defined]
            if code in prices
        ]
        for code, price in prices.items():
            if price:
                self.fields[f"price_{code}"] = forms.IntegerField(
                    required=False, initial=price, widget=forms.HiddenInput
                )

    def clean(self) -> dict[str, Any]:
        """Bring the price that was shown with the chosen way; a label without a price costs nothing."""
        data = super().clean() or {}
        seen = {code: data.pop(f"price_{code}", 0) for code in ("drop_off", "pick_up")}
        return data | {"agreed_minor": seen.get(data.get("method", ""), 0) or 0}


class OwnSendingForm(forms.Form):
    """A parcel that the shopper sent by own means, with the proof."""

    carrier = forms.CharField(label=gettext_lazy("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=gettext_lazy("Tracking number"), max_length=60, required=False)
    sent_on = forms.DateField(label=gettext_lazy("Sent on"), widget=forms.DateInput(attrs={"type": "date"}))
    proof = forms.FileField(
        label=gettext_lazy("Picture of the receipt"),
        help_text=gettext_lazy("A JPEG, PNG or WebP picture or a PDF, up to 8 MB."),
        required=False,
    )


class AnswerForm(forms.Form):
    """The shopper's answer to a loss of value."""

    loss = forms.CharField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        choices=[("agree", gettext_lazy("I agree")), ("contest", gettext_lazy("I do not agree"))],
        widget=forms.RadioSelect,
        label=gettext_lazy("Your answer"),
    )
    reply = forms.CharField(
        label=gettext_lazy("In your words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=4000,
    )
