"""A return's page: how to send it back, its label, the proof of own sending, an answer to a loss of value."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from returns import carriers, operations
from returns.documents import label_pdf
from returns.documents.uploads import checked, type_of
from returns.documents.words import in_words
from returns.queries.parcels import find_return, label_of
from returns.web import pages
from returns.web.forms import AnswerForm, OwnSendingForm


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _page(request: HttpRequest, ret: Any, status: int = 200, **forms: Any) -> HttpResponse:
    page = pages.return_page(ret, _language(), now=clock.now(), **forms)
    return render(request, "returns/return.html", {"page": page}, status=status)


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only posts through; a bare look leads to the return's own page."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        if request.method != "POST":
            return redirect("return", token=find_return(token).token)
        return view(request, token)

    return guarded


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show where a return stands and the next thing to do."""
    return _page(request, find_return(token))


@posted
def send(request: HttpRequest, token: str) -> HttpResponse:
    """Make the label."""
    ret = find_return(token)
    form = pages.send_form(ret, _language(), now=clock.now(), data=request.POST)
    if not form.is_valid():
        return _page(request, ret, 422, send=form)
    try:
        operations.issue_label(return_id=ret.pk, **form.cleaned_data, now=clock.now())
    except RightfulError as error:
        if error.code in ("label_price_changed", "label_too_dear"):  # shown anew, with what it costs now
            messages.error(request, error.in_words(_))
            return redirect("return", token=token)
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
        return _page(request, ret, 422, send=form)
    messages.success(request, _("Your label is ready."))
    return redirect("return", token=token)


@posted
def own(request: HttpRequest, token: str) -> HttpResponse:
    """Take the proof that it was sent by own means."""
    ret, form = find_return(token), OwnSendingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ret, 422, own=form)
    got = dict(form.cleaned_data)
    try:
        upload = got.pop("proof")
        proof = checked(upload) if upload else None
        operations.record_own_sending(return_id=ret.pk, **got, proof=proof, now=clock.now())
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
        return _page(request, ret, 422, own=form)
    messages.success(
        request, _("Thank you. The seller need not wait for the parcel any longer where the law says so.")
    )
    return redirect("return", token=token)


@posted
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Take the answer to a loss of value."""
    ret, form = find_return(token), AnswerForm(request.POST)
    losses = {loss.public_id: loss for line in ret.lines.all() for loss in line.losses.all()}
    loss = losses.get(request.POST.get("loss", ""))
    if loss is None:
        raise Http404
    if not form.is_valid():
        return _page(request, ret, 422, answer=form)
    try:
        operations.answer_loss(
            loss_id=loss.pk,
            agree=form.cleaned_data["answer"] == "agree",
            reply=form.cleaned_data["reply"],
            now=clock.now(),
        )
        messages.success(request, _("Your answer is recorded."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("return", token=token)


@never_cache
@require_safe
def label(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out the label as a PDF."""
    ret = find_return(token)
    parcel = next(
        (one for one in ret.parcels.all() if one.state in ("booked", "in_transit") and one.method != "own"),
        None,
    )
    if parcel is None:
        raise Http404
    methods = {"drop_off": _("bring to a parcel shop"), "pick_up": _("is fetched at the door")}
    told = label_of(ret, parcel) | {
        "method": methods[parcel.method],
        "pick_up": f" · {in_words(parcel.pick_up_on, _language())}" if parcel.pick_up_on else "",
        "url": f"{request.scheme}://{request.get_host()}/returns/scan/{ret.public_id}",
    }
    data = label_pdf(told, language=_language(), made_at=parcel.booked_at)
    disposition = {"Content-Disposition": f'inline; filename="{ret.public_id}-label.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=disposition)


@never_cache
@require_safe
def evidence(request: HttpRequest, token: str, loss: str) -> HttpResponse:
    """Show the evidence of a loss of value to the shopper it is held against."""
    ret = find_return(token)
    found = next(
        (one for line in ret.lines.all() for one in line.losses.all() if one.public_id == loss), None
    )
    if found is None or not found.evidence:
        raise Http404
    with found.evidence.open("rb") as file:
        data = file.read()
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return HttpResponse(data, content_type=type_of(found.evidence.name), headers=headers)


@require_safe
def scan(request: HttpRequest, ret: str) -> HttpResponse:
    """What the QR code of a label leads to: the merchant's page of the return."""
    return redirect(f"/admin/returns/inbox?q={ret}")


@csrf_exempt
@require_POST
def carrier_webhook(request: HttpRequest, carrier: str) -> HttpResponse:
    """Take a carrier's scans: verified by the signature, each kept once, whatever the order of arrival."""
    if carrier not in carriers.CARRIERS:
        raise Http404
    try:
        scans = carriers.carrier(carrier).read_webhook(request.body, request.headers.get("X-Signature", ""))
        fresh = operations.record_scans(carrier=carrier, scans=scans, now=clock.now())
    except RightfulError as error:
        return JsonResponse({"error": error.code}, status=error.status)
    return JsonResponse({"received": fresh})
