"""What people are asked when they complain: only what is needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.domain import letter_words, topics

ORDER_TOPICS = (
    "not_delivered", "late", "defective", "wrong_item", "damaged", "unsafe", "withdrawal", "refund", "price", "warranty",
    "merchant", "other",
)  # fmt: skip
GENERAL_TOPICS = (
    "listing",
    "merchant",
    "review",
    "unsafe",
    "privacy",
    "decision",
    "refund",
    "price",
    "other",
)


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; what they are is looked at when they are kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=ManyFiles(attrs={"accept": ".jpg,.jpeg,.png,.webp,.pdf,.mp4,.mov,.webm"}),
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        return (
            [one(item, initial) for item in data]
            if isinstance(data, list | tuple)
            else [one(data, initial)]
            if data
            else []
        )


class ComplaintForm(forms.Form):
    """A complaint. Somebody with an account or an order link is not asked who they are."""

    topic = forms.ChoiceField(label=gettext_lazy("What went wrong?"), widget=forms.RadioSelect)
    body = forms.CharField(
        label=gettext_lazy("Tell us what happened"),
        help_text=gettext_lazy(
            "In your own words and your own language. What did you expect, what happened instead, what have you tried?"
        ),
        widget=forms.Textarea(attrs={"rows": 7}),
        max_length=20_000,
    )
    remedy = forms.ChoiceField(label=gettext_lazy("What would put it right?"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Answer me in"), required=False)
    files = FilesField(
        label=gettext_lazy("Pictures, videos, papers"),
        help_text=gettext_lazy("Up to 8 files of 15 MB. Where a picture was taken is removed from it."),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Our answers go there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # A field that people never see; what fills it is a machine, whose complaint is kept but answered last.
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, about_order: bool, asks_who: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = ORDER_TOPICS if about_order else GENERAL_TOPICS
        self.fields["topic"].choices = [(key, _(topics.TOPICS[key])) for key in chosen]
        self.fields["remedy"].choices = [
            ("", _("I do not know yet")),
            *((key, _(name)) for key, name in topics.REMEDIES.items()),
        ]
        self.fields["language"].choices = [
            ("", _("the language I write in")),
            *((code, _(name)) for code, name in settings.LANGUAGES),
            *letter_words.names().items(),
        ]
        if not asks_who:
            del self.fields["name"], self.fields["email"]


class AnswerForm(forms.Form):
    """Something to add to a complaint."""

    body = forms.CharField(
        label=gettext_lazy("Your message"), widget=forms.Textarea(attrs={"rows": 5}), max_length=20_000
    )
    files = FilesField(label=gettext_lazy("Pictures, videos, papers"))


class RatingForm(forms.Form):
    """What somebody thought of how a complaint was handled."""

    score = forms.TypedChoiceField(
        label=gettext_lazy("How did we do?"),
        coerce=int,
        choices=[
            (5, gettext_lazy("very good")),
            (4, gettext_lazy("good")),
            (3, gettext_lazy("so-so")),
            (2, gettext_lazy("bad")),
            (1, gettext_lazy("very bad")),
        ],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("Would you like to say why?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4_000,
    )
