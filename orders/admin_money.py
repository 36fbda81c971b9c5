"""Money in the admin: a merchant's balances, payouts and statements; the operator's books and payouts."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marketplace.accounts.models import Merchant, Role
from marketplace.accounts.queries import has_role, may_edit_merchant, merchants_of, require_role
from marketplace.kernel import clock, jobs
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money
from orders import operations
from orders.admin_sending import safe_cell, say, who
from orders.documents.statement import explained, month_in_words, statement_pdf
from orders.models import BankAccount, Chargeback, Invoice, LedgerAccount, Payout, Refund
from orders.operations import letters, payout_holds
from orders.queries.books import Statement, balances_of, months_of, statement, trial_balance
from orders.queries.payouts import HeldLine, held_lines, held_sums, line_ids

MOST = 100
operator_only = require_role(Role.Kind.OPERATOR)
MEANINGS = {"prepared": "information", "sent": "attention", "accepted": "allowed", "bounced": "blocked"}
STATES = {
    "prepared": _("written down"),
    "sent": _("at the bank"),
    "accepted": _("paid"),
    "bounced": _("came back"),
}
FAILURES = {
    "account_closed": _("The account is closed."),
    "returned": _("The other bank sent it back."),
}
CHARGEBACK_STATES = {"open": _("open"), "won": _("won"), "lost": _("lost")}
NO_ACCOUNT = _("there is no bank account to pay to")
CAME_BACK = _("the bank account sent money back; another is needed")
OWES = _("more came back than was sold; later sales make it up")
COLUMNS = (
    "day", "kind", "order", "line", "product", "quantity", "gross", "collected_for_others", "commission_percent",
    "commission", "commission_tax", "held", "due", "currency", "reference", "explanation",
)  # fmt: skip
# Reasons of this app, so that they are found by the makers of translations.
REASONS = (
    _("the goods have not arrived"),
    _("the time to withdraw runs"),
    _("a refund is on its way"),
    _("a chargeback is open"),
    _("the payment is not whole"),
)
ACCOUNT_NAMES = {
    "provider_clearing": _("At payment providers"),
    "bank": _("Bank account"),
    "chargebacks": _("Charged back, undecided"),
    "customer_funds": _("Taken, no order stands for it"),
    "held": _("Held for merchants"),
    "payable": _("Due to merchants"),
    "payouts": _("Payouts on their way"),
    "refunds": _("Refunds on their way"),
    "tax_payable": _("Tax collected for tax offices"),
    "duty_payable": _("Duty collected for customs"),
    "fees_payable": _("Fees collected for carriers"),
    "commission_vat": _("Tax on the commission"),
    "commission": _("Commission"),
    "goodwill": _("Goodwill"),
    "chargeback_losses": _("Lost to chargebacks"),
    "provider_fees": _("Fees of payment providers"),
}
SIDES = {
    "asset": _("asset"),
    "liability": _("liability"),
    "income": _("income"),
    "expense": _("expense"),
}


class BankForm(forms.Form):
    """Where a merchant's money goes."""

    holder = forms.CharField(label=_("Account holder"), max_length=140)
    number = forms.CharField(label=_("IBAN or account number"), max_length=42)
    bank_code = forms.CharField(
        label=_("Bank code or BIC"),
        max_length=20,
        required=False,
        help_text=_("Only where there is no IBAN."),
    )


class PayInForm(forms.Form):
    """A merchant's own transfer to us, as our bank shows it."""

    merchant = forms.CharField(label=_("Merchant number"), max_length=16)
    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=12, decimal_places=3)
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    reference = forms.CharField(
        label=_("The bank's reference"), max_length=80, help_text=_("The same reference counts once.")
    )


def _page(request: HttpRequest, template: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/orders/{template}.html", whole, status=status)


MerchantView = Callable[..., HttpResponse]


def of_merchant(view: MerchantView) -> MerchantView:
    """Give a view the merchant of the address, if the visitor works for it; for others there is none."""

    @wraps(view)
    @never_cache
    def found(request: HttpRequest, merchant: str, *args: Any, **kwargs: Any) -> HttpResponse:
        mine = merchants_of(request.user).filter(public_id=merchant).first()
        if mine is None:
            raise Http404
        return view(request, mine, *args, **kwargs)

    return found


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the visitor's merchant, or let one of several be chosen."""
    mine = list(merchants_of(request.user).order_by("name")[: MOST + 1])
    if not mine:
        raise PermissionDenied
    if len(mine) == 1:
        return HttpResponseRedirect(reverse("merchant-money", args=[mine[0].public_id]))
    return _page(
        request, "money_choose", gettext("Money"), merchants=mine[:MOST], is_operator=_is_operator(request)
    )


def _is_operator(request: HttpRequest) -> bool:
    return has_role(request.user, Role.Kind.OPERATOR)


@of_merchant
def money(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """Show what is held and due, why, what was paid, where it goes; take another bank account."""
    may_edit = may_edit_merchant(request.user, merchant)
    form = BankForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied
        if form.is_valid() and _set_account(request, merchant, form):
            return HttpResponseRedirect(reverse("merchant-money", args=[merchant.public_id]))
    language = get_language() or "en"
    held = _held(merchant_ids=[merchant.pk])
    account = BankAccount.objects.filter(merchant=merchant, replaced_at=None).first()
    return _page(
        request,
        "money",
        gettext("Money of %(name)s") % {"name": merchant.name},
        status=422 if form.errors else 200,
        merchant=merchant,
        balances=[
            _balance(currency, sums, account, language) for currency, sums in balances_of(merchant).items()
        ],
        held=[_held_row(one, language) for one in held[:MOST]],
        held_more=max(len(held) - MOST, 0),
        payouts=[_payout_row(row, language) for row in _payouts().filter(merchant=merchant)[:MOST]],
        months=[_month_row(merchant, month, currency, language) for month, currency in months_of(merchant)],
        notes=Invoice.objects.filter(merchant=merchant, kind="credit_note").order_by("-pk")[:20],
        account=account,
        form=form if may_edit else None,
        is_operator=_is_operator(request),
    )


def _set_account(request: HttpRequest, merchant: Merchant, form: BankForm) -> bool:
    try:
        operations.set_bank_account(
            merchant_id=merchant.pk, **form.cleaned_data, given_by=who(request), now=clock.now()
        )
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, say(error))
        return False
    messages.success(request, gettext("From now on your money goes to this account."))
    return True


def _held(*, merchant_ids: Iterable[int] | None = None) -> list[HeldLine]:
    """Return what is held with every reason, those of other apps too."""
    now = clock.now()
    sums = held_sums(merchant_ids=merchant_ids)
    return held_lines(sums, now=now, others=payout_holds.reasons(line_ids(sums), now.date()))


def _held_row(one: HeldLine, language: str) -> dict[str, Any]:
    return {
        "order": one.order,
        "title": one.title,
        "merchant": one.merchant_name,
        "amount": one.held.display(language),
        "reasons": [gettext(reason) for reason in one.reasons] or [gettext("due with the next payout")],
        "meaning": "attention" if one.reasons else "allowed",
        "until": one.until if one.until and one.until.year < date.max.year - 1 else None,
    }


def _balance(
    currency: str, sums: dict[str, int], account: BankAccount | None, language: str
) -> dict[str, Any]:
    why = ""
    if sums["payable"] < 0:
        why = OWES
    elif sums["payable"] > 0 and (account is None or account.refused_at):
        why = NO_ACCOUNT if account is None else CAME_BACK
    return {
        "currency": currency,
        "held": Money(sums["held"], currency).display(language),
        "due": Money(sums["payable"], currency).display(language),
        "owes": sums["payable"] < 0,
        "why": why,
    }


def _payouts() -> Any:
    return Payout.objects.select_related("merchant", "bank_account").order_by("-prepared_at", "-pk")


def _payout_row(row: Payout, language: str) -> dict[str, Any]:
    return {
        "public_id": row.public_id,
        "merchant": row.merchant.name,
        "merchant_id": row.merchant.public_id,
        "amount": Money(row.amount_minor, row.currency).display(language),
        "at": row.prepared_at,
        "to": str(row.bank_account),
        "state": STATES[row.state],
        "meaning": MEANINGS[row.state],
        "failure": FAILURES.get(row.failure, row.failure),
    }


def _month_row(merchant: Merchant, month: date, currency: str, language: str) -> dict[str, Any]:
    bare = Statement(merchant, currency, month, 0, 0, ())
    where = [merchant.public_id, f"{month:%Y-%m}", currency]
    return {
        "name": month_in_words(bare, language),
        "currency": currency,
        "links": [
            (label, reverse("merchant-statement", args=[*where, kind]))
            for label, kind in ((gettext("Look"), "html"), ("PDF", "pdf"), ("CSV", "csv"))
        ],
    }


@of_merchant
@require_safe
def month(request: HttpRequest, merchant: Merchant, month: str, currency: str, kind: str) -> HttpResponse:
    """Show a merchant's month, or hand it out as a sheet or a table."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Http404 from None
    known = LedgerAccount.objects.filter(merchant=merchant, currency=currency).exists()
    if not known or kind not in ("html", "pdf", "csv"):
        raise Http404
    found = statement(merchant, month=first, currency=currency)
    language = get_language() or "en"
    name = f"{merchant.public_id}-{month}-{currency}"
    if kind == "pdf":
        data = statement_pdf(found, language=language, made_at=clock.now())
        return _file(data, "application/pdf", f"{name}.pdf")
    if kind == "csv":
        return _file(_table(found, language), "text/csv; charset=utf-8", f"{name}.csv")
    return _page(
        request,
        "statement",
        gettext("Statement %(month)s, %(currency)s")
        % {"month": month_in_words(found, language), "currency": currency},
        merchant=merchant,
        rows=[_statement_row(row, currency, language) for row in found.rows],
        sums=_statement_sums(found, language),
        files=_month_row(merchant, first, currency, language)["links"][1:],
    )


def _statement_row(row: Any, currency: str, language: str) -> dict[str, Any]:
    return {
        "at": row.at,
        "order": row.order,
        "title": f"{row.quantity} × {row.title}" if row.kind == "sale" else row.title,
        "explained": explained(row, currency, language),
        "held": Money(row.held_minor, currency).display(language) if row.held_minor else "",
        "due": Money(row.payable_minor, currency).display(language) if row.payable_minor else "",
    }


def _statement_sums(found: Statement, language: str) -> list[tuple[str, str, str]]:
    rows = [
        (gettext("At the beginning"), found.held_before, found.payable_before),
        (gettext("At the end"), found.held_after, found.payable_after),
    ]
    return [
        (label, Money(held, found.currency).display(language), Money(due, found.currency).display(language))
        for label, held, due in rows
    ]


def _table(found: Statement, language: str) -> bytes:
    """Return a month as a table that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in found.rows:
        amounts = [
            Money(minor, found.currency).amount
            for minor in (row.gross_minor, row.kept_minor, row.commission_minor, row.commission_tax_minor)
        ]
        moved = [Money(minor, found.currency).amount for minor in (row.held_minor, row.payable_minor)]
        words = explained(row, found.currency, language)
        head = [row.at.date().isoformat(), row.kind, row.order, row.line, row.title, row.quantity or ""]
        cells = [*head, *amounts[:2], row.percent, *amounts[2:], *moved, found.currency, row.reference, words]
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type=kind, headers=headers)


@of_merchant
@require_safe
def paper(request: HttpRequest, merchant: Merchant, number: str) -> HttpResponse:
    """Hand out an invoice or a credit note of a merchant by its printed number."""
    for one in Invoice.objects.filter(merchant=merchant, number=_digits(number)):
        if one.label == number:
            return _file(letters.draw_invoice(invoice=one), "application/pdf", f"{one.label}.pdf")
    raise Http404


def _digits(number: str) -> int:
    last = number.rsplit("-", 1)[-1]
    if not (last.isascii() and last.isdigit() and len(last) <= 9):
        raise Http404
    return int(last)


@never_cache
@operator_only
@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """Show the trial balance, and what the last check found."""
    language = get_language() or "en"
    found = trial_balance()
    run = jobs.last_runs().get("check-books")
    return _page(
        request,
        "books",
        gettext("Books"),
        currencies=[
            {
                "currency": currency,
                "off": Money(off, currency).display(language),
                "is_zero": not off,
                "rows": [_book_row(row, language) for row in found.rows if row.currency == currency],
            }
            for currency, off in found.off_by.items()
        ],
        run=run,
        said=(run.detail.get("said", []) if run else []),
        failed=[_refund_row(row, language) for row in _failed_refunds()],
        disputes=[_dispute_row(row, language) for row in _chargebacks()],
    )


def _failed_refunds() -> Any:
    rows = Refund.objects.filter(state=Refund.State.FAILED).select_related("order", "payment")
    return rows.order_by("-requested_at")[:20]


def _refund_row(row: Refund, language: str) -> dict[str, Any]:
    return {
        "public_id": row.public_id,
        "order": row.order.public_id if row.order else "",
        "amount": Money(row.amount_minor, row.currency).display(language),
        "at": row.requested_at,
        "failure": row.failure,
    }


def _chargebacks() -> Any:
    return Chargeback.objects.select_related("payment__group").order_by("-opened_at")[:20]


def _dispute_row(row: Chargeback, language: str) -> dict[str, Any]:
    return {
        "public_id": row.public_id,
        "group": row.payment.group.public_id if row.payment.group else "",
        "amount": Money(row.amount_minor, row.currency).display(language),
        "refunded": Money(row.refunded_minor, row.currency).display(language) if row.refunded_minor else "",
        "reason": row.reason,
        "state": CHARGEBACK_STATES[row.state],
        "meaning": {"open": "attention", "won": "allowed", "lost": "blocked"}[row.state],
        "answer_by": row.answer_by if row.state == Chargeback.State.OPEN else None,
    }


def _book_row(row: Any, language: str) -> dict[str, Any]:
    name = str(ACCOUNT_NAMES.get(row.account, row.account))
    return {
        "name": f"{name} ({row.provider})" if row.provider else name,
        "side": SIDES.get(row.side, ""),
        "debit": Money(row.debit_minor, row.currency).display(language),
        "credit": Money(row.credit_minor, row.currency).display(language),
        "balance": Money(row.balance_minor, row.currency).display(language),
    }


@operator_only
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Compare the books with everything at once, and say every difference."""
    found = operations.check_books(now=clock.now())
    if found.is_clean:
        text = ngettext("One payment agrees.", "%(n)s payments agree.", found.checked) % {"n": found.checked}
        messages.success(request, text)
    for one in found.differences[:MOST]:
        messages.error(request, f"{one.subject}: {one.what}: {one.books} / {one.other} {one.currency}")
    for provider in found.unreachable:
        messages.warning(request, gettext("The books of %(name)s cannot be read now.") % {"name": provider})
    return HttpResponseRedirect(reverse("money-books"))


@never_cache
@operator_only
def payouts(request: HttpRequest) -> HttpResponse:
    """Show who is paid what and what must wait, with the reasons; record a merchant's own transfer."""
    form = PayInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _record_pay_in(request, form):
        return HttpResponseRedirect(reverse("money-payouts"))
    language = get_language() or "en"
    held = _held()
    return _page(
        request,
        "payouts",
        gettext("Payouts"),
        status=422 if form.errors else 200,
        due=_due_rows(language),
        held=[_held_row(one, language) for one in held[:MOST]],
        held_more=max(len(held) - MOST, 0),
        payouts=[_payout_row(row, language) for row in _payouts()[:MOST]],
        form=form,
    )


def _due_rows(language: str) -> list[dict[str, Any]]:
    """Return what is due by merchant and currency, with why it is not paid; nothing due is left out."""
    accounts = (
        LedgerAccount.objects.filter(kind="payable").select_related("merchant").order_by("merchant__name")
    )
    banks = {row.merchant_id: row for row in BankAccount.objects.filter(replaced_at=None)}
    rows = []
    for merchant in dict.fromkeys(account.merchant for account in accounts):
        for currency, sums in balances_of(merchant).items():
            if sums["payable"]:
                row = _balance(currency, sums, banks.get(merchant.pk), language)
                rows.append({**row, "name": merchant.name, "merchant": merchant.public_id})
    return rows


def _record_pay_in(request: HttpRequest, form: PayInForm) -> bool:
    got = form.cleaned_data
    merchant = Merchant.objects.filter(public_id=got["merchant"].strip().upper()).first()
    if merchant is None:
        form.add_error("merchant", gettext("We know no merchant of this number."))
        return False
    try:
        amount = Money.of(got["amount"], got["currency"].strip().upper())
        operations.record_pay_in(
            merchant_id=merchant.pk,
            amount=amount,
            key=f"{merchant.public_id}:{got['reference']}",
            now=clock.now(),
        )
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, say(error))
        return False
    messages.success(request, gettext("The transfer is recorded."))
    return True


@operator_only
@require_POST
def pay(request: HttpRequest) -> HttpResponse:
    """Run the payouts now; what the hourly job would do."""
    done = operations.run_payouts(now=clock.now())
    text = gettext(
        "%(released)s lines became due, %(prepared)s payouts were written, %(failed)s steps failed."
    )
    messages.success(request, text % done.as_json())
    return HttpResponseRedirect(reverse("money-payouts"))
