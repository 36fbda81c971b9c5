"""Reviews and questions of a listing: read, asked, answered, reported. No script needed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.throttling import SimpleRateThrottle

from catalog import operations
from catalog.domain.voice import SHOWN
from catalog.models import Answer, Listing, Question, Review, ReviewPhoto
from catalog.operations.moderation import find_content
from catalog.queries import voice
from catalog.web import pages
from catalog.web.voice_forms import AnswerForm, AskForm, ReportForm
from catalog.web.voice_views import check_law, voice_block
from marketplace.kernel import clock
from marketplace.kernel.errors import NotAllowed, RightfulError


class ReportThrottle(SimpleRateThrottle):
    """So many reports and questions an hour, by address."""

    scope = "voice"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def _listing(public_id: str) -> Listing:
    """Return a listing that was ever on sale; what is said of it stays when it is not any more."""
    rows = Listing.objects.exclude(state=Listing.State.DRAFT).select_related("merchant")
    found = rows.prefetch_related("texts").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _head(listing: Listing, request: HttpRequest) -> dict[str, Any]:
    text = pages.text_of(listing, request.place.language)
    is_sold = listing.state == Listing.State.ACTIVE and bool(listing.offered_in)
    return {
        "name": text.title if text else listing.code,
        "url": reverse("product", args=[listing.slug, listing.public_id])
        if listing.state == Listing.State.ACTIVE
        else "",
        "merchant": listing.merchant.name,
        "is_sold": is_sold,
    }


@require_safe
def reviews(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show the reviews of a listing, its stars, and how both come about."""
    listing = _listing(public_id)
    before = request.GET.get("before", "")[:16]
    found = voice.voices_of(
        listing.pk,
        now=clock.now(),
        reviews=voice.PAGE,
        questions=0,
        reviews_before=voice.place_of_review(before) if before else voice.LATEST,
    )
    page = _head(listing, request) | {
        "voice": voice_block(found, listing, request.place),
        "law": check_law(),
        "next_url": f"?before={found.reviews[-1]['public_id']}" if found.more_reviews else "",
        "is_start": not before,
    }
    return render(request, "catalog/reviews.html", {"page": page})


@require_http_methods(["GET", "POST"])
def questions(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show what was asked about a listing, and take a question."""
    listing = _listing(public_id)
    user = request.user if request.user.is_authenticated else None
    form = AskForm(request.POST or None, asks_who=user is None, name=user.name.split(" ")[0] if user else "")
    if request.method == "POST" and form.is_valid() and _ask(request, listing, form):
        return redirect("questions", slug=listing.slug, public_id=public_id)
    before = request.GET.get("before", "")[:16]
    found = voice.voices_of(
        listing.pk,
        now=clock.now(),
        reviews=0,
        questions=voice.PAGE,
        questions_before=voice.place_of_question(before) if before else voice.LATEST,
    )
    page = _head(listing, request) | {
        "voice": voice_block(found, listing, request.place),
        "next_url": f"?before={found.questions[-1]['public_id']}" if found.more_questions else "",
        "may_answer": user is not None and voice.has_received(user.pk, listing.pk),
    }
    status = 422 if form.errors else 200
    return render(request, "catalog/questions.html", {"page": page, "form": form}, status=status)


def _ask(request: HttpRequest, listing: Listing, form: AskForm) -> bool:
    user = request.user if request.user.is_authenticated else None
    if not ReportThrottle().allow_request(request, None):  # type: ignore[arg-type]
        form.add_error(None, _("That was a lot in a short time. Please try again in an hour."))
        return False
    try:
        operations.ask_question(
            listing=listing.public_id, text=form.cleaned_data["text"], shown_name=form.cleaned_data["shown_name"],
            email=user.email if user else form.cleaned_data["email"], language=request.place.language,
            user_id=user.pk if user else None, now=clock.now(),
        )  # fmt: skip
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
        return False
    said = (
        _("Your question is shown.") if user else _("Look into your mailbox: we sent you a link to confirm.")
    )
    messages.success(request, said)
    return True


@never_cache
@require_http_methods(["GET", "POST"])
def question_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a guest's question when they press the button; opening the link alone does nothing."""
    found = Question.objects.select_related("listing").filter(token=token).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        operations.confirm_question(token=token, now=clock.now())
        messages.success(request, _("Your question is shown."))
        return redirect("questions", slug=found.listing.slug, public_id=found.listing.public_id)
    return render(request, "catalog/question_confirm.html", {"question": found})


@login_required
@require_http_methods(["GET", "POST"])
def question_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer a question as somebody who received the goods."""
    found = Question.objects.select_related("listing").filter(public_id=public_id, state__in=SHOWN).first()
    if found is None:
        raise Http404
    if not voice.has_received(request.user.pk, found.listing_id):
        raise NotAllowed("Only somebody who received these goods here can answer.")
    form = AnswerForm(request.POST or None, initial={"shown_name": request.user.name.split(" ")[0]})
    if request.method == "POST" and form.is_valid():
        try:
            operations.answer_question(
                question=public_id, by=Answer.By.BUYER, language=request.place.language, user_id=request.user.pk,
                now=clock.now(), **form.cleaned_data,
            )  # fmt: skip
            messages.success(request, _("Your answer is shown."))
            return redirect("questions", slug=found.listing.slug, public_id=found.listing.public_id)
        except RightfulError as error:
            form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
    status = 422 if form.errors else 200
    return render(request, "catalog/question_answer.html", {"question": found, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, subject: str) -> HttpResponse:
    """Say that a review, a question or an answer is not right."""
    content = find_content(subject)
    if content.state not in SHOWN:
        raise Http404
    listing = content.question.listing if isinstance(content, Answer) else content.listing
    name = "reviews" if isinstance(content, Review) else "questions"
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ReportThrottle().allow_request(request, None):  # type: ignore[arg-type]
            form.add_error(None, _("That was a lot in a short time. Please try again in an hour."))
        else:
            operations.report_content(
                subject=subject, language=request.place.language, now=clock.now(), **form.cleaned_data
            )
            messages.success(request, _("Thank you. A person looks at it; until then it stays."))
            return redirect(name, slug=listing.slug, public_id=listing.public_id)
    back = reverse(name, args=[listing.slug, listing.public_id])
    context = {"content": content, "form": form, "back": back}
    return render(request, "catalog/report.html", context, status=422 if form.errors else 200)


@require_safe
def photo(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """Hand out a photo of a review that is shown."""
    rows = ReviewPhoto.objects.filter(review__public_id=subject, review__state__in=SHOWN, pk=pk)
    found = rows.first()
    if found is None:
        raise Http404
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return FileResponse(found.file.open("rb"), content_type="image/jpeg", headers=headers)
