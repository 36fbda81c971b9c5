"""The operator's page of what is late and what waits for a decision after the sale; declarations that came by letter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.web.gate import frame, officers_only
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.ids import new_token
from orders.queries import after_sales
from returns import operations
from returns.documents.words import in_words, judgement_in_words, money, owed_state_in_words, seal_in_words
from returns.models import ValueLoss, Withdrawal, WithdrawalLine
from returns.queries import oversight
from returns.queries.withdrawals import disputes, unmatched

SHOWN = 100


class RecordForm(forms.Form):
    """A declaration that came by e-mail or post."""

    order = forms.CharField(label=gettext_lazy("Order number"), max_length=20, required=False)
    means = forms.ChoiceField(
        label=gettext_lazy("How it came"),
        choices=[("e-mail", gettext_lazy("by e-mail")), ("post", gettext_lazy("by post"))],
    )
    declared_on = forms.DateField(
        label=gettext_lazy("Sent on (postmark)"), widget=forms.DateInput(attrs={"type": "date"})
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail address for the receipt"), required=False)
    text = forms.CharField(
        label=gettext_lazy("As it was written"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _who(request: HttpRequest) -> str:
    return str(getattr(request.user, "email", ""))[:60]


@officers_only
@require_safe
def late(request: HttpRequest) -> HttpResponse:
    """Show what is late by merchant and country, and what waits for a decision."""
    today = clock.today()
    merchant, market = request.GET.get("merchant", "")[:16], request.GET.get("market", "")[:6]
    context = {
        "counts": [
            (
                one,
                money(one.amount_minor, one.currency, _language()) if one.currency else "",
                in_words(one.oldest, _language()),
            )
            for one in oversight.late_by_merchant(today)
        ],
        "refunds": [_owed(row) for row in oversight.late_refunds(today, merchant=merchant, market=market)],
        "disputes": [_dispute(row) for row in disputes()[:SHOWN]],
        "losses": [_loss(row) for row in oversight.losses_to_decide()],
        "unmatched": [_unmatched(row) for row in unmatched()[:SHOWN]],
    }
    return render(request, "admin/returns/late.html", frame(request, _("After the sale"), **context))


def _owed(row: Any) -> dict[str, Any]:
    return {
        "public_id": row.public_id, "pk": row.pk, "order": row.order.public_id, "merchant": row.merchant.name,
        "market": row.market, "amount": money(row.amount_minor, row.currency, _language()),
        "state": owed_state_in_words(row.state), "due": in_words(row.due_on, _language()), "failure": row.failure,
        "is_due": row.state == "due", "told_at": row.escalated_at,
    }  # fmt: skip


def _dispute(row: WithdrawalLine) -> dict[str, Any]:
    return {
        "pk": row.pk, "withdrawal": row.withdrawal.public_id, "title": row.line.title, "quantity": row.quantity,
        "order": row.line.order.public_id, "merchant": row.line.order.merchant.name,
        "why": judgement_in_words("ineffective", row.ground, str(row.answer.get("answer", {}).get("ground") or "")),
        "said": row.dispute, "steps": row.answer.get("explain", []),
    }  # fmt: skip


def _loss(row: ValueLoss) -> dict[str, Any]:
    ret = row.return_line.ret
    return {
        "pk": row.pk, "ret": ret.public_id, "merchant": ret.merchant.name, "title": row.return_line.line.title,
        "amount": money(row.amount_minor, row.currency, _language()), "why": row.why, "reply": row.reply,
        "about": seal_in_words(row.kind, row.answer),
    }  # fmt: skip


def _unmatched(row: Withdrawal) -> dict[str, Any]:
    return {
        "pk": row.pk, "public_id": row.public_id, "name": row.name, "email": row.email, "received_at": row.received_at,
        "order_said": row.content["order_said"], "text": row.content["as_written"],
    }  # fmt: skip


def _done(request: HttpRequest, act: Any, said: str) -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("law-returns")


@officers_only
@require_POST
def decide_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or uphold, with reasons that the shopper reads."""
    row = get_object_or_404(WithdrawalLine.objects.select_related("line"), pk=pk)
    return _done(
        request,
        lambda: operations.decide_dispute(
            withdrawal_id=row.withdrawal_id, line=row.line.public_id, grant=request.POST.get("way") == "grant",
            decision=request.POST.get("decision", ""), by=_who(request), now=clock.now(),
        ),
        _("Decided."),
    )  # fmt: skip


@officers_only
@require_POST
def decide_loss(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide a contested loss of value, with reasons that both sides read."""
    row = get_object_or_404(ValueLoss, pk=pk)
    return _done(
        request,
        lambda: operations.decide_loss(
            loss_id=row.pk, stands=request.POST.get("way") == "uphold", decision=request.POST.get("decision", ""),
            by=_who(request), now=clock.now(),
        ),
        _("Decided."),
    )  # fmt: skip


@officers_only
@require_POST
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Pay a refund that is late now, from the money that is held."""
    return _done(
        request, lambda: operations.request_owed(owed_id=pk, now=clock.now()), _("The money is on its way.")
    )


@officers_only
@require_POST
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which order a declaration means, or close it with the reason its sender is told."""
    found = get_object_or_404(Withdrawal, pk=pk)
    if request.POST.get("way") == "close":
        because = request.POST.get("because", "").strip()[:300] or _(
            "We found no order that this could mean."
        )
        return _done(
            request,
            lambda: operations.close_unmatched(withdrawal_id=found.pk, because=because, now=clock.now()),
            _("Closed."),
        )
    order = after_sales.order_by_public_id(request.POST.get("order", "")[:20])
    if order is None:
        messages.error(request, _("We find no order with this number."))
        return redirect("law-returns")
    lines = {line.public_id: line.quantity for line in order.lines.all()}
    return _done(
        request,
        lambda: operations.match_withdrawal(
            withdrawal_id=found.pk, group=order.group, lines=lines, by=_who(request), now=clock.now()
        ),
        _("It belongs to order %(number)s now.") % {"number": order.public_id},
    )


@officers_only
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record a declaration that came by e-mail or post; the receipt leaves at once."""
    form = RecordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = _record(request, form.cleaned_data)
        if found is not None:
            messages.success(request, _("Recorded as %(number)s.") % {"number": found.public_id})
            return redirect("law-returns")
        form.add_error("order", _("We find no order with this number."))
    context = frame(request, _("Record a declaration"), form=form)
    return render(request, "admin/returns/record.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, got: dict[str, Any]) -> Withdrawal | None:
    order = after_sales.order_by_public_id(got["order"]) if got["order"].strip() else None
    if got["order"].strip() and order is None:
        return None
    now = clock.now()
    declared_at = min(datetime.combine(got["declared_on"], datetime.min.time(), UTC).replace(hour=12), now)
    group = order.group if order else None
    declared = operations.Declared(
        name=got["name"], email=got["email"], language=group.language if group else _language(), means=got["means"],
        lines={line.public_id: line.quantity for line in order.lines.all()} if order else {}, as_written=got["text"],
        recorded_by=_who(request),
    )  # fmt: skip
    return operations.declare_withdrawal(
        group=group, declared=declared, key=f"recorded:{new_token()}", declared_at=declared_at, now=now
    )


@officers_only
@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the evidence of a loss of value to who decides it."""
    row = get_object_or_404(ValueLoss, pk=pk)
    if not row.evidence:
        raise Http404
    with row.evidence.open("rb") as file:
        data = file.read()
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return HttpResponse(data, content_type="image/jpeg", headers=headers)
