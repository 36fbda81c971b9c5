"""Writing a review of what was received: by account, or by the secret link of the order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import operations as catalog
from catalog.domain.errors import NotReceived
from catalog.domain.voice import MOST_PHOTOS
from catalog.queries.voice import invited_lines, open_questions, question_about, review_of_line
from marketplace.kernel import clock, uploads
from marketplace.kernel.errors import NotFound, RightfulError
from orders.models import OrderGroup, OrderLine
from orders.queries.orders import find_group
from orders.web.basket import user_of
from orders.web.uploads import ManyFiles


class ReviewForm(forms.Form):
    """Stars, a title, words, photos, and whether something was given for it."""

    stars = forms.TypedChoiceField(
        label=gettext_lazy("How many stars?"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (5, gettext_lazy("5: very good")),
            (4, gettext_lazy("4: good")),
            (3, gettext_lazy("3: as expected, with faults")),
            (2, gettext_lazy("2: poor")),
            (1, gettext_lazy("1: bad")),
        ],
    )
    title = forms.CharField(label=gettext_lazy("In a few words"), max_length=120)
    text = forms.CharField(
        label=gettext_lazy("What is it like?"), widget=forms.Textarea(attrs={"rows": 6}), max_length=4000,
        help_text=gettext_lazy("About the goods. For something that must be put right, use the order's page: there the law helps you."),
    )  # fmt: skip
    shown_name = forms.CharField(
        label=gettext_lazy("The name to show"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    photos = ManyFiles(
        label=gettext_lazy("Photos"),
        help_text=gettext_lazy("Up to four. Place and time that cameras write into them are taken out."),
        accept=".jpg,.jpeg,.png,.webp",
    )
    is_rewarded = forms.BooleanField(
        label=gettext_lazy("I got something for this review (money, a voucher, the goods for free)"),
        required=False,
    )


def _line(request: HttpRequest, token: str, line: str) -> tuple[OrderGroup, OrderLine]:
    """Return a line behind the buyer's own link.

    :raises NotReceived: for another account that has the link of an order that is not its own.
    :raises NotFound: for an unknown link or line.
    """
    try:
        group = find_group(token=token, user=user_of(request))
    except NotFound:
        if OrderGroup.objects.filter(token=token).exists():
            raise NotReceived(
                "Only the account that bought this can review it. Sign in with that account."
            ) from None
        raise
    for order in group.orders.all():
        for one in order.lines.all():
            if one.public_id == line:
                return group, one
    raise NotFound(field="line")


@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, token: str, line: str) -> HttpResponse:
    """Write, change or take back the review of one line."""
    group, row = _line(request, token, line)
    written = review_of_line(line)
    is_open = line in invited_lines([line]) and (
        written is None or written.state in ("published", "reported")
    )
    form = ReviewForm(request.POST or None, request.FILES or None, initial=_initial(written, group))
    if request.method == "POST" and written and "withdraw" in request.POST:
        return _withdraw(request, token, line)
    if request.method == "POST" and form.is_valid() and _save(request, line, form, is_new=written is None):
        return redirect("order", token=token)
    page = {
        "title": row.title,
        "is_open": is_open,
        "written": written,
        "is_received": line in invited_lines([line]),
        "token": token,
        "line": line,
        "questions": open_questions(row.listing_public_id),
    }
    status = 422 if form.errors else 200
    return render(request, "orders/review.html", {"page": page, "form": form}, status=status)


class AnswerForm(forms.Form):
    """An answer of somebody who received the goods."""

    text = forms.CharField(
        label=gettext_lazy("Your answer"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    shown_name = forms.CharField(label=gettext_lazy("The name to show"), max_length=40)


@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str, line: str, question: str) -> HttpResponse:
    """Answer a question about goods that came with this order, as a guest too."""
    group, row = _line(request, token, line)
    asked = question_about(row.listing_public_id, question)
    if asked is None:
        raise NotFound(field="question")
    if line not in invited_lines([line]):
        raise NotReceived(field="line")
    form = AnswerForm(request.POST or None, initial={"shown_name": _first_name(group)})
    if request.method == "POST" and form.is_valid():
        try:
            catalog.answer_question(
                question=question, by="buyer", language=request.place.language, user_id=group.user_id, line=line,
                now=clock.now(), **form.cleaned_data,
            )  # fmt: skip
            messages.success(request, _("Your answer is shown."))
            return redirect("review-write", token=token, line=line)
        except RightfulError as error:
            form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
    status = 422 if form.errors else 200
    return render(request, "catalog/question_answer.html", {"question": asked, "form": form}, status=status)


def _first_name(group: OrderGroup) -> str:
    return group.address.get("name", "").split(" ")[0]


def _initial(written: Any, group: OrderGroup) -> dict[str, Any]:
    if written is None:
        return {"shown_name": _first_name(group)}
    names = ("stars", "title", "text", "shown_name", "is_rewarded")
    return {name: getattr(written, name) for name in names}


def _save(request: HttpRequest, line: str, form: ReviewForm, *, is_new: bool) -> bool:
    given = dict(form.cleaned_data)
    act = catalog.write_review if is_new else catalog.edit_review
    try:
        photos = uploads.contents(given.pop("photos"), most=MOST_PHOTOS, most_bytes=settings.UPLOAD_MAX_BYTES)
        said = catalog.Said(**given, language=request.place.language, photos=photos)
        act(line=line, said=said, now=clock.now())
    except RightfulError as error:
        field = "photos" if error.field == "files" else error.field
        form.add_error(field if field in form.fields else None, error.in_words(_))
        return False
    messages.success(
        request, _("Thank you. Your review is shown.") if is_new else _("Your review is changed.")
    )
    return True


def _withdraw(request: HttpRequest, token: str, line: str) -> HttpResponse:
    try:
        catalog.withdraw_review(line=line, now=clock.now())
        messages.success(request, _("Your review is not shown any more."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("order", token=token)
