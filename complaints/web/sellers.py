"""The seller's pages of complaints, in the admin: what is asked, by when, and the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from complaints import operations
from complaints.domain import topics
from complaints.models import Attachment
from complaints.operations.files import Given
from complaints.queries import sellers
from complaints.web import words
from complaints.web.complain import hand_out
from complaints.web.forms import AnswerForm
from marketplace.accounts.models import Merchant
from marketplace.accounts.queries import may_edit_merchant
from marketplace.accounts.scoping import merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError


def _mine(request: HttpRequest) -> frozenset[int]:
    ids = merchant_ids_of(request)
    if not ids:
        raise PermissionDenied
    return ids


def may_answer(request: HttpRequest, merchant: str) -> bool:
    """Tell whether the signed-in person may speak for a merchant (its public id), and not only look."""
    found = Merchant.objects.filter(public_id=merchant).first()
    return found is not None and may_edit_merchant(request.user, found)


@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """List complaints about one's orders: those that wait for an answer first."""
    ids, language = _mine(request), request.place.language
    waiting = sellers.of_sellers(ids, only_waiting=True)
    others = sellers.of_sellers(ids, only_waiting=False, after=request.GET.get("after", ""))
    context = {
        "title": _("Complaints"),
        "waiting": [_row(row, language) for row in waiting],
        "rows": [_row(row, language) for row in others[: sellers.PAGE]],
        "next": others[sellers.PAGE - 1].public_id if len(others) > sellers.PAGE else "",
    }
    page = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, "admin/complaints/list.html", page)


def _row(row: Any, language: str) -> dict[str, Any]:
    return {
        "number": row.public_id,
        "title": row.subject,
        "order": row.order,
        "state": words.state_in_words(row.state),
        "meaning": words.MEANINGS[row.state],
        "received": words.moment(row.received_at, language, "UTC"),
    }


@require_http_methods(["GET", "POST"])
def complaint(request: HttpRequest, number: str) -> HttpResponse:
    """Show one complaint to its seller and take the answer."""
    ids = _mine(request)
    form = AnswerForm(request.POST or None, request.FILES or None)
    try:
        view = sellers.view_for_seller(number, ids)
    except NotFound as unknown:
        raise Http404 from unknown
    if request.method == "POST" and form.is_valid():
        if not may_answer(request, view.merchant):
            raise PermissionDenied
        try:
            operations.say(
                ticket=number, kind="merchant", body=form.cleaned_data["body"], now=clock.now(), author_id=request.user.pk,
                author_name=request.user.get_short_name(), channel="form",
                files=[Given(file.name, file.read()) for file in form.cleaned_data["files"]],
            )  # fmt: skip
        except RightfulError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.in_words(_))
        else:
            messages.success(request, _("Your answer is there."))
            return redirect("merchant-complaint", number=number)
    page = {**admin.site.each_context(request), "title": number, "page": _page(view, request), "form": form}
    return TemplateResponse(
        request, "admin/complaints/complaint.html", page, status=422 if form.errors else 200
    )


def _page(view: sellers.SellerView, request: HttpRequest) -> dict[str, Any]:
    language = request.place.language
    who = {"customer": _("The buyer"), "merchant": _("You"), "agent": _("Rightful")}
    return {
        "number": view.public_id,
        "title": view.subject,
        "topic": _(topics.TOPICS[view.topic]),
        "remedy": _(topics.REMEDIES[view.remedy]) if view.remedy else "",
        "order": view.order,
        "state": words.state_in_words(view.state),
        "meaning": words.MEANINGS[view.state],
        "received": words.moment(view.received_at, language, "UTC"),
        "answer_by": words.moment(view.answer_by, language, "UTC"),
        "is_over": view.state == "closed",
        "may_answer": may_answer(request, view.merchant),
        "has_room": view.has_room,
        "said": [
            {
                "who": who.get(one.kind, _("Rightful")),
                "kind": one.kind,
                "body": one.body,
                "when": words.moment(one.said_at, language, "UTC"),
                "files": [(file.name, file.public_id) for file in one.files],
            }
            for one in view.said
        ],
    }


@require_safe
def file(request: HttpRequest, number: str, file: str) -> HttpResponse:
    """Hand out a file of a complaint to its seller: of those messages that the seller sees."""
    try:
        view = sellers.view_for_seller(number, _mine(request))
    except NotFound as unknown:
        raise Http404 from unknown
    if file not in {one.public_id for said in view.said for one in said.files}:
        raise Http404
    return hand_out(Attachment.objects.get(public_id=file))
