"""The merchant's page of reviews and questions, and the pages where people decide about what was reported."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from catalog import operations
from catalog.domain.voice import GROUNDS, SHOWN, TABLE
from catalog.models import Answer, Question, Review
from catalog.operations.moderation import find_content
from catalog.operations.voice_letters import ground_in_words, rows_of
from catalog.queries import voice
from marketplace.accounts.models import Role
from marketplace.accounts.queries import require_role
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError

PAGE = 50
moderators_only = require_role(Role.Kind.OFFICER, Role.Kind.AGENT)


@require_safe
def voices(request: HttpRequest) -> HttpResponse:
    """List what buyers say of a merchant's goods and ask about them, what is not answered first."""
    ids = merchant_ids_of(request)
    if not ids:
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": gettext("Reviews and questions"),
        "reviews": _page(request, voice.reviews_of_merchants(ids), "reviews"),
        "questions": _page(request, voice.questions_of_merchants(ids), "questions"),
        "may_change": bool(editable_ids_of(request)),
    }
    return TemplateResponse(request, "admin/catalog/voice.html", context)


def _page(request: HttpRequest, rows: QuerySet[Any], name: str) -> Page[Any]:
    """Return the page of a list that the address asks for, the nearest there is."""
    return Paginator(rows, PAGE).get_page(request.GET.get(name))


@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer a review of one's own goods."""
    found = _own(request, Review, public_id)
    if request.method == "GET":
        return redirect("merchant-voice")
    _do(
        request,
        lambda: operations.reply_to_review(
            review_id=found.pk, text=request.POST.get("text", ""), now=clock.now()
        ),
    )
    return redirect("merchant-voice")


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer a question about one's own goods."""
    found = _own(request, Question, public_id)
    if request.method == "GET":
        return redirect("merchant-voice")
    name = found.listing.merchant.name[:40]
    _do(
        request,
        lambda: operations.answer_question(
            question=public_id, text=request.POST.get("text", ""), by=Answer.By.MERCHANT, shown_name=name,
            language=get_language() or "en", user_id=request.user.pk, now=clock.now(),
        ),
    )  # fmt: skip
    return redirect("merchant-voice")


def _own(request: HttpRequest, kind: Any, public_id: str) -> Any:
    rows = kind.objects.select_related("listing__merchant").filter(public_id=public_id, state__in=SHOWN)
    found = rows.filter(listing__merchant__in=merchant_ids_of(request)).first()
    if found is None:
        raise Http404
    if found.listing.merchant_id not in editable_ids_of(request):
        raise PermissionDenied
    return found


def _do(request: HttpRequest, work: Any) -> bool:
    try:
        work()
        messages.success(request, gettext("It is shown below."))
        return True
    except RightfulError as error:
        messages.error(request, error.in_words(gettext))
        return False


# -- moderation


@moderators_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List what was reported, the oldest first, and what was decided lately."""
    rows = [
        {"one": one, "grounds": [ground_in_words(ground) for ground in one.grounds]}
        for one in voice.waiting_reports()
    ]
    context = {
        **admin.site.each_context(request),
        "title": gettext("Reported reviews and questions"),
        "rows": rows,
        "decided": voice.latest_decisions(),
    }
    return TemplateResponse(request, "admin/catalog/moderation.html", context)


@moderators_only
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, subject: str) -> HttpResponse:
    """Show what was said and reported, with the log; keep it, hide it or show it again, with reasons."""
    content, problem = find_content(subject), ""
    if request.method == "POST":
        try:
            operations.decide(
                subject=subject, action=request.POST.get("action", ""), ground=request.POST.get("ground", ""),
                reasons=request.POST.get("reasons", ""), decided_by=request.user.pk,
                decided_name=request.user.name or request.user.email, now=clock.now(),
            )  # fmt: skip
            messages.success(request, gettext("Decided. The reasons are on their way."))
            return redirect("moderation-case", subject=subject)
        except RightfulError as error:
            problem = error.in_words(gettext)
    listing = content.question.listing if isinstance(content, Answer) else content.listing
    labels = {"keep": gettext("Keep it"), "hide": gettext("Hide it"), "restore": gettext("Show it again")}
    context = {
        **admin.site.each_context(request),
        "title": subject,
        "content": content,
        "listing": listing,
        "versions": list(content.versions.order_by("pk")) if isinstance(content, Review) else [],
        "photos": list(content.photos.all())
        if isinstance(content, Review) and content.state in SHOWN
        else [],
        "reports": [(one, ground_in_words(one.ground)) for one in voice.reports_of(subject)],
        "log": [(one, rows_of(one)) for one in voice.decisions_of(subject)],
        "actions": [(code, name) for code, name in labels.items() if (content.state, code) in TABLE],
        "grounds": [(one, ground_in_words(one)) for one in GROUNDS],
        "problem": problem,
        "given": request.POST,
    }
    return TemplateResponse(
        request, "admin/catalog/moderation_case.html", context, status=422 if problem else 200
    )
