"""The forms of what people say about goods. Only what is needed is asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from catalog.domain.voice import GROUNDS
from catalog.operations.voice_letters import ground_in_words


class ReportForm(forms.Form):
    """What is wrong with something that was said."""

    ground = forms.ChoiceField(label=gettext_lazy("What is wrong with it?"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("Why?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, required=False
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address, if you want to hear what we decide"), required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["ground"].choices = [(one, ground_in_words(one)) for one in GROUNDS]  # type: ignore[attr-defined]


class AskForm(forms.Form):
    """A question; somebody signed in is not asked for an address."""

    text = forms.CharField(
        label=gettext_lazy("What do you want to know?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )
    shown_name = forms.CharField(
        label=gettext_lazy("The name to show"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "Nobody sees it. We send a link there; the question is shown once you opened it."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, data: Any = None, *, asks_who: bool, name: str = "") -> None:
        super().__init__(data, initial={"shown_name": name})
        if not asks_who:
            del self.fields["email"]


class AnswerForm(forms.Form):
    """An answer of somebody who received the goods."""

    text = forms.CharField(
        label=gettext_lazy("Your answer"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    shown_name = forms.CharField(label=gettext_lazy("The name to show"), max_length=40)
