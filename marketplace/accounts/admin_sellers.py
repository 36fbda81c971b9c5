"""Who sells here, and whether somebody checked it: the officer records a check by its evidence, or takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from compliance.rulebook import fields
from compliance.web.gate import frame, officers_only
from marketplace.accounts import operations
from marketplace.accounts.models import Merchant
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError

PAGE = 50
OLD = timedelta(days=365)  # our own habit, no law: a check is looked at again after a year
SHOWN = (
    "legal_name", "kind", "street", "postcode", "city", "region", "country", "email", "phone", "website",
    "register_name", "register_number", "vat_id", "eori", "ioss_number",
)  # fmt: skip


@officers_only
@require_safe
def show_sellers(request: HttpRequest) -> HttpResponse:
    """List the sellers, those nobody has checked first."""
    words, state = request.GET.get("q", "")[:80].strip(), request.GET.get("state", "")
    page = Paginator(_chosen(words, state), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "q": words,
        "state": state,
        "states": [
            ("", _("all")), ("open", _("not verified")), ("done", _("verified")),
            ("old", _("verified more than a year ago")),
        ],
    }  # fmt: skip
    return render(request, "admin/accounts/sellers.html", frame(request, _("Sellers"), **context))


def _chosen(words: str, state: str) -> QuerySet[Merchant]:
    rows = Merchant.objects.order_by("verified_at", "name")
    if words:
        rows = rows.filter(
            Q(name__icontains=words) | Q(legal_name__icontains=words)
            | Q(vat_id__iexact=words) | Q(register_number__iexact=words) | Q(public_id__iexact=words)
        )  # fmt: skip
    if state == "old":
        return rows.filter(verified_at__lt=clock.now() - OLD)
    if state in ("open", "done"):
        return rows.filter(verified_at__isnull=state == "open")
    return rows


@officers_only
@require_safe
def show_seller(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what a seller says of itself, and every check of it."""
    return _page(request, _found(public_id))


@officers_only
@require_POST
def verify(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record a check."""
    merchant, evidence = _found(public_id), request.POST.get("evidence", "")
    try:
        operations.verify_merchant(
            merchant_id=merchant.pk, evidence=evidence, now=clock.now(), by=request.user
        )
    except RightfulError as error:
        return _page(request, merchant, evidence=evidence, problem=error.in_words(_))
    messages.success(request, _("Recorded. The seller's duties are judged again."))
    return redirect("law-seller", public_id=public_id)


@officers_only
@require_POST
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a check back."""
    merchant, reason = _found(public_id), request.POST.get("reason", "")
    try:
        operations.withdraw_verification(
            merchant_id=merchant.pk, reason=reason, now=clock.now(), by=request.user
        )
    except RightfulError as error:
        return _page(request, merchant, reason=reason, problem=error.in_words(_))
    messages.success(request, _("Withdrawn. What only verified sellers may sell is no longer on offer."))
    return redirect("law-seller", public_id=public_id)


def _found(public_id: str) -> Merchant:
    merchant = Merchant.objects.filter(public_id=public_id).first()
    if merchant is None:
        raise Http404
    return merchant


def _page(request: HttpRequest, merchant: Merchant, **said: Any) -> HttpResponse:
    facts = [(merchant._meta.get_field(name).verbose_name, _told(merchant, name)) for name in SHOWN]
    context = {
        "merchant": merchant,
        "facts": [*facts, *sorted(_number(name, value) for name, value in merchant.numbers.items())],
        "history": merchant.verifications.select_related("by"),
        **said,
    }
    status = 400 if said.get("problem") else 200
    return render(
        request, "admin/accounts/seller.html", frame(request, merchant.name, **context), status=status
    )


def _number(name: str, value: Any) -> tuple[str, str]:
    """Return a number's name in words and what stands there, one line for each of several."""
    known = fields.fields().get(name)
    label = _(known.label) if known else name.replace("_", " ")
    rows = value if isinstance(value, list) else [value]
    said = [
        f"{row.get('country', '')}: {row.get('number', '')}" if isinstance(row, dict) else str(row)
        for row in rows
    ]
    return label, "\n".join(said)


def _told(merchant: Merchant, name: str) -> str:
    return str(merchant.get_kind_display() if name == "kind" else getattr(merchant, name))
