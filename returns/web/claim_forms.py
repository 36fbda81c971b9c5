"""The forms of claims and late deliveries. Only what is needed is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.documents.claim_words import kind_in_words, remedy_in_words
from returns.domain import policy
from returns.domain.claims import KINDS


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=ManyFilesInput(), **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        return (
            [one(file, initial) for file in data]
            if isinstance(data, list | tuple)
            else [one(data, initial)]
            if data
            else []
        )


class ClaimForm(forms.Form):
    """What is wrong, and what is asked for, of what the law opens now."""

    kind = forms.ChoiceField(label=gettext_lazy("What is wrong?"), widget=forms.RadioSelect)
    said = forms.CharField(
        label=gettext_lazy("Say it in your words"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )
    quantity = forms.TypedChoiceField(label=gettext_lazy("How many pieces?"), coerce=int)
    noticed_on = forms.DateField(
        label=gettext_lazy("When did you notice it?"), widget=forms.DateInput(attrs={"type": "date"})
    )
    wanted = forms.ChoiceField(label=gettext_lazy("What do you ask for?"), widget=forms.RadioSelect)
    is_serious = forms.BooleanField(
        label=gettext_lazy("It is so bad that a repair or another one is no help"), required=False
    )
    files = ManyFilesField(
        label=gettext_lazy("Pictures or a short film"),
        help_text=gettext_lazy(
            "Up to six: JPEG, PNG or WebP pictures, a PDF (8 MB each) or an MP4 film (40 MB). Place and time that cameras "
            "write into them are taken out."
        ),
        required=False,
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, left: int, opened: Sequence[str], today: date,
        said: str = "",
    ) -> None:  # fmt: skip
        super().__init__(
            data,
            files,
            initial={"quantity": 1, "noticed_on": today, "wanted": opened[0] if opened else "", "said": said},
        )
        self.fields["kind"].choices = [(kind, kind_in_words(kind)) for kind in KINDS]  # type: ignore[attr-defined]
        self.fields["quantity"].choices = [(n, str(n)) for n in range(1, left + 1)]  # type: ignore[attr-defined]
        self.fields["wanted"].choices = [(one, remedy_in_words(one)) for one in opened]  # type: ignore[attr-defined]
        if left == 1:
            self.fields["quantity"].widget = forms.HiddenInput()

    def clean_files(self) -> list[Any]:
        found: list[Any] = self.cleaned_data["files"]
        if len(found) > policy.FILES_PER_CLAIM:
            raise forms.ValidationError(_("Choose up to %(n)s files.") % {"n": policy.FILES_PER_CLAIM})
        return found


class NextForm(forms.Form):
    """It did not help: what is asked for next."""

    wanted = forms.ChoiceField(label=gettext_lazy("What do you ask for now?"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("What happened?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        required=False,
    )

    def __init__(self, data: Any = None, *, opened: Sequence[str]) -> None:
        super().__init__(data, initial={"wanted": opened[0] if opened else ""})
        self.fields["wanted"].choices = [(one, remedy_in_words(one)) for one in opened]  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why an offer or a refusal is not right."""

    why = forms.CharField(
        label=gettext_lazy("Why do you see it differently?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000,
        required=False,
    )  # fmt: skip


class PeriodForm(forms.Form):
    """The additional period of a late delivery."""

    until = forms.DateField(
        label=gettext_lazy("Deliver by this day at the latest"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
