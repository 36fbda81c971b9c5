"""The merchant's inbox of messages, and what people decide about conversations that were reported."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.accounts.models import Role
from marketplace.accounts.queries import require_role
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock, uploads
from marketplace.kernel.errors import RightfulError
from orders.documents.message_templates import MERCHANT_CODES, template_text
from orders.domain.threads import ANSWER_DUE, FILE_BYTES, MOST_FILES
from orders.models import MessageFile, Thread
from orders.operations import messages
from orders.operations.messages import Written
from orders.queries import messages as queries
from orders.web.message_views import answer_time, messages_of, templates_of
from orders.web.messages import hand_out, page_number, pages_around

moderators_only = require_role(Role.Kind.OFFICER, Role.Kind.AGENT)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List a merchant's conversations: unread first, then by how long the shopper waits."""
    ids, now = merchant_ids_of(request), clock.now()
    if not ids:
        raise PermissionDenied
    page = page_number(request)
    threads, has_more = queries.inbox(ids, page=page)
    rows = [
        {
            "thread": one,
            "due": one.waiting_since + ANSWER_DUE if one.waiting_since else None,
            "is_late": bool(one.waiting_since and one.waiting_since + ANSWER_DUE < now),
        }
        for one in threads
    ]
    context = {
        **admin.site.each_context(request),
        "title": gettext("Messages"),
        "rows": rows,
        **pages_around(page, has_more=has_more),
        "answer_time": answer_time(queries.median_answer(next(iter(ids)), now=now)) if len(ids) == 1 else "",
    }
    return TemplateResponse(request, "admin/orders/messages.html", context)


@require_http_methods(["GET", "POST"])
def thread(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a conversation to the merchant, and take the answer."""
    found = queries.thread_of_merchants(public_id, merchant_ids_of(request))
    may_change, problem = found.merchant_id in editable_ids_of(request), ""
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        try:
            files = uploads.contents(request.FILES.getlist("files"), most=MOST_FILES, most_bytes=FILE_BYTES)
            written = Written(
                request.POST.get("text", ""), request.POST.get("template", "")[:20], files, request.user.pk
            )
            messages.write(thread_id=found.pk, by="merchant", written=written, now=clock.now())
            notes.success(request, gettext("Your answer is on its way."))
            return redirect("merchant-thread", public_id=public_id)
        except RightfulError as error:
            problem = error.in_words(gettext)
    if may_change and found.unread_by_merchant:
        messages.mark_read(thread_id=found.pk, by="merchant", seen=queries.last_of(found))
    return _page(request, found, may_change, problem)


def _page(request: HttpRequest, found: Thread, may_change: bool, problem: str) -> HttpResponse:
    def file_url(file: MessageFile) -> str:
        return reverse("merchant-thread-file", args=[found.public_id, file.public_id])

    code = request.GET.get("template", "")[:20]
    context = {
        **admin.site.each_context(request),
        "title": found.subject,
        "thread": found,
        "messages_said": messages_of(found, get_language() or "en", file_url, mine="merchant"),
        "templates": templates_of(MERCHANT_CODES),
        "template": code,
        "text": request.POST.get("text", "") or template_text(code),
        "may_change": may_change,
        "problem": problem,
    }
    return TemplateResponse(request, "admin/orders/thread.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, public_id: str, action: str) -> HttpResponse:
    """Close, block, unblock or report a conversation, as the merchant."""
    found = queries.thread_of_merchants(public_id, merchant_ids_of(request))
    if found.merchant_id not in editable_ids_of(request):
        raise PermissionDenied
    if action not in ("close", "block", "unblock", "report"):
        raise Http404
    if request.method == "GET":
        return redirect("merchant-thread", public_id=public_id)
    try:
        if action == "report":
            text = request.POST.get("text", "")
            messages.report_thread(thread_id=found.pk, by="merchant", text=text, now=clock.now())
        else:
            messages.act(thread_id=found.pk, by="merchant", action=action, now=clock.now())
        notes.success(request, gettext("Recorded."))
    except RightfulError as error:
        notes.error(request, error.in_words(gettext))
    return redirect("merchant-thread", public_id=public_id)


@require_safe
def file(request: HttpRequest, public_id: str, file: str) -> HttpResponse:
    """Hand out a file of a conversation to the merchant."""
    return hand_out(queries.thread_of_merchants(public_id, merchant_ids_of(request)), file)


@moderators_only
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """List conversations that were reported, the oldest first."""
    context = {
        **admin.site.each_context(request),
        "title": gettext("Reported conversations"),
        "rows": queries.open_reports(),
    }
    return TemplateResponse(request, "admin/orders/thread_reports.html", context)


@moderators_only
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a reported conversation with what was taken out of it; write down what came of the report."""
    found, problem = queries.thread_for_officers(public_id), ""
    waiting = list(found.reports.filter(settled_at=None).order_by("pk"))
    if request.method == "POST":
        try:
            for one in waiting:
                messages.settle_report(
                    report_id=one.pk, outcome=request.POST.get("outcome", ""),
                    name=request.user.name or request.user.email, now=clock.now(),
                )  # fmt: skip
            return redirect("moderation-thread", public_id=public_id)
        except RightfulError as error:
            problem = error.in_words(gettext)

    def file_url(file: MessageFile) -> str:
        return reverse("moderation-thread-file", args=[public_id, file.public_id])

    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": public_id,
        "thread": found,
        "messages_said": messages_of(found, get_language() or "en", file_url, mine=""),
        "reports": list(found.reports.order_by("pk")),
        "is_waiting": bool(waiting),
        "problem": problem,
    }
    return TemplateResponse(
        request, "admin/orders/thread_report.html", context, status=422 if problem else 200
    )


@moderators_only
@require_safe
def report_file(request: HttpRequest, public_id: str, file: str) -> HttpResponse:
    """Hand out a file of a reported conversation."""
    return hand_out(queries.thread_for_officers(public_id), file)
