"""The merchant's returns: an inbox with what is due, and a page per return to count and inspect. Made for a scanner and Enter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.accounts.models import Merchant
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.money import Money
from orders.queries import after_sales
from returns import operations
from returns.documents.uploads import checked
from returns.documents.words import (
    in_words,
    loss_state_in_words,
    money,
    owed_state_in_words,
    parcel_state_in_words,
    part_in_words,
    return_state_in_words,
)
from returns.domain.errors import BadCount
from returns.domain.states import GRADES, RETURN, may
from returns.operations import Counted, Verdict, settling
from returns.operations.seals import is_sealed, is_to_hand_back
from returns.queries.case_letters import case_of_return, letters_view
from returns.queries.parcels import STATES, InboxFilter, inbox, next_at_hand, return_of_merchant
from returns.queries.withdrawals import owed_for

REASONS = {
    "withdrawal": gettext_lazy("withdrawal"), "claim": gettext_lazy("claim"), "exchange": gettext_lazy("exchange"),
    "unannounced": gettext_lazy("unannounced"),
}  # fmt: skip
MOST_AT_ONCE = 100
PAGES = {"W": "merchant-return-withdrawal", "CL": "merchant-return-claim", "EX": "merchant-return-exchange"}


def case_url(subject: str) -> str:
    """Return the seller's page of what money is owed for; nothing where there is none."""
    name = PAGES.get(subject.partition("-")[0])
    return reverse(name, args=[subject]) if name else ""


class LossForm(forms.Form):
    """A loss of value, with its evidence."""

    line = forms.CharField(widget=forms.HiddenInput)
    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=0, max_digits=12, decimal_places=2)
    why = forms.CharField(
        label=gettext_lazy("What is worn, and how you see it"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=4000,
    )
    evidence = forms.FileField(label=gettext_lazy("Picture"))


class SealForm(forms.Form):
    """A broken seal, with its picture."""

    line = forms.CharField(widget=forms.HiddenInput)
    why = forms.CharField(
        label=gettext_lazy("What the seal looks like"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=4000,
    )
    evidence = forms.FileField(label=gettext_lazy("Picture"))


def _who(request: HttpRequest) -> str:
    return str(getattr(request.user, "email", ""))[:60]


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only posts of merchants' people through: others are refused, and a bare look leads to the inbox."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not merchant_ids_of(request):
            raise PermissionDenied
        return view(request, *args, **kwargs) if request.method == "POST" else redirect("merchant-returns")

    return guarded


def _frame(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    page = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, template, page, status=status)


def _merchant(request: HttpRequest) -> tuple[Merchant, list[Merchant]]:
    """Return whose inbox is looked at, and the others that this person works for (at most fifty)."""
    ids = merchant_ids_of(request)
    if not ids:
        raise PermissionDenied
    rows = Merchant.objects.filter(pk__in=ids).order_by("name")
    wanted = request.GET.get("merchant", "")
    chosen = rows.filter(public_id=wanted).first() if wanted else None
    several = list(rows[:50])
    return chosen or several[0], several


@require_safe
def show_inbox(request: HttpRequest) -> HttpResponse:
    """List a merchant's returns, filtered; one number that is scanned leads straight to its return."""
    merchant, several = _merchant(request)
    wanted = _filter(request)
    today = clock.today()
    page = inbox([merchant.pk], wanted, today=today)
    if wanted.text and len(page.rows) == 1:
        return redirect("merchant-return", page.rows[0].public_id)
    return _frame(
        request,
        "admin/returns/inbox.html",
        title=_("Returns"),
        rows=[_row(ret, today) for ret in page.rows],
        wanted=wanted,
        merchant=merchant,
        merchants=several if len(several) > 1 else [],
        states=[(state, return_state_in_words(state)) for state in STATES],
        reasons=list(REASONS.items()),
        next_url=_next(request, page.after),
        may_change=merchant.pk in editable_ids_of(request),
    )


@require_safe
def show_next(request: HttpRequest) -> HttpResponse:
    """Lead to the next return that waits for the merchant's hands: arrived, not counted or not looked at."""
    merchant, _several = _merchant(request)
    found = next_at_hand(merchant.pk, after=request.GET.get("after", "")[:20])
    if found:
        return redirect("merchant-return", found)
    messages.info(request, _("Nothing waits. Scan the next parcel."))
    return redirect("merchant-returns")


def _filter(request: HttpRequest) -> InboxFilter:
    got = request.GET
    state, reason = got.get("state", ""), got.get("reason", "")
    at, _dot, pk = got.get("after", "").rpartition(",")
    return InboxFilter(
        state=state if state in STATES else "",
        reason=reason if reason in REASONS else "",
        market=got.get("market", "")[:6].upper(),
        due=got.get("due", "") if got.get("due", "") in ("late", "due") else "",
        text=got.get("q", "")[:60],
        after=(at, int(pk)) if at and pk.isdigit() and _is_moment(at) else None,
    )


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _next(request: HttpRequest, after: tuple[str, int] | None) -> str:
    if after is None:
        return ""
    kept = {name: value for name, value in request.GET.items() if name != "after"}
    return f"?{urlencode({**kept, 'after': f'{after[0]},{after[1]}'})}"


def _row(ret: Any, today: date) -> dict[str, Any]:
    return {
        "public_id": ret.public_id,
        "url": reverse("merchant-return", args=[ret.public_id]),
        "order": ret.order.public_id,
        "state": return_state_in_words(ret.state),
        "reason": REASONS[ret.reason],
        "market": ret.market,
        "what": ", ".join(
            f"{line.announced or line.received} × {line.line.title}" for line in ret.lines.all()
        ),
        "due": in_words(ret.due_on, _language()),
        "is_late": bool(ret.due_on and ret.due_on < today),
        "opened": ret.opened_at,
    }


# -- one return


def _mine(request: HttpRequest, public_id: str, *, to_change: bool = False) -> Any:
    if not merchant_ids_of(request):
        raise PermissionDenied
    ids = editable_ids_of(request) if to_change else merchant_ids_of(request)
    try:
        return return_of_merchant(public_id, sorted(ids))
    except NotFound:
        raise Http404 from None


@require_safe
def show_return(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a return with what can be done next."""
    return _page(request, _mine(request, public_id))


def _page(
    request: HttpRequest,
    ret: Any,
    status: int = 200,
    loss: LossForm | None = None,
    seal: SealForm | None = None,
) -> HttpResponse:
    lines = [_line(line, ret, loss, seal) for line in ret.lines.all()]
    here = [unit for line in lines for unit in line["units"] if unit["can_inspect"]]
    return _frame(
        request,
        "admin/returns/return.html",
        status,
        title=_("Return %(number)s") % {"number": ret.public_id},
        ret=ret,
        seen_at=ret.changed_at.isoformat(),
        state=return_state_in_words(ret.state),
        reason=REASONS[ret.reason],
        subject_url=case_url(ret.subject),
        due=in_words(ret.due_on, _language()),
        lines=lines,
        parcels=[(one, parcel_state_in_words(one.state)) for one in ret.parcels.all()],
        can_receive=may(RETURN, ret.state, "receive"),
        can_inspect=bool(here) and ret.state in ("received", "inspected"),
        can_close=may(RETURN, ret.state, "close"),
        grades=[(grade, _grade(grade)) for grade in GRADES],
        refunds=[
            _owed(owed)
            for owed in (owed_for(ret.subject) if ret.subject else [])
            if owed.order_id == ret.order_id
        ],
        letters=letters_view(case_of_return(ret), url="merchant-return-letter", at=ret.public_id),
        may_change=ret.merchant_id in editable_ids_of(request),
        focus=_focus(lines, here),
    )


def _focus(lines: list[dict[str, Any]], here: list[dict[str, Any]]) -> str:
    """Return where the keyboard starts: at the counting, at the first piece to be graded, or at the next scan."""
    if any(unit["is_expected"] for line in lines for unit in line["units"]):
        return "count"
    return here[0]["public_id"] if here else "scan"


def _grade(grade: str) -> str:
    return {
        "A": _("A: as new"), "B": _("B: opened"), "C": _("C: to be refurbished"), "D": _("D: scrap"),
    }[grade]  # fmt: skip


def _line(line: Any, ret: Any, loss: LossForm | None, seal: SealForm | None) -> dict[str, Any]:
    of_line = line.line.public_id
    bound = loss if loss is not None and loss.data.get("line") == of_line else None
    sealed = seal if seal is not None and seal.data.get("line") == of_line else None
    open_losses = [one for one in line.losses.all() if one.state != "dropped"]
    may_claim = bool(ret.reason == "withdrawal" and line.received and not open_losses)
    return {
        "line": line.line.public_id,
        "title": line.line.title,
        "sku": line.line.sku,
        "announced": line.announced,
        "received": line.received,
        "units": [_unit(unit, line.losses.all()) for unit in line.units.all()],
        "losses": [
            (
                one,
                part_in_words("seal" if one.kind == "seal" else "value_loss"),
                loss_state_in_words(one.state, to_shopper=False),
            )
            for one in line.losses.all()
        ],
        "loss": bound or LossForm(initial={"line": line.line.public_id}, auto_id=f"id_{line.pk}_%s"),
        "may_claim": may_claim,
        "seal": sealed or SealForm(initial={"line": of_line}, auto_id=f"id_{line.pk}_seal_%s"),
        "may_claim_seal": may_claim and is_sealed(line.line),
    }


def _unit(unit: Any, losses: Any) -> dict[str, Any]:
    receptions = {
        "awaiting": _("expected"), "received": _("here"), "wrong_item": _("another thing"), "empty_box": _("empty box"),
        "missing": _("missing"), "lost": _("lost"), "excess": _("too much"), "sent_back": _("sent back"), "cancelled": _("called off"),
    }  # fmt: skip
    acceptances = {
        "pending": _("not looked at"), "accepted": _("accepted"), "rejected": _("not accepted"), "manual": _("to be decided"),
    }  # fmt: skip
    return {
        "public_id": unit.public_id,
        "pk": unit.pk,
        "reception": receptions[unit.reception],
        "acceptance": acceptances[unit.acceptance],
        "grade": unit.grade,
        "resellable": unit.resellable,
        "note": unit.note,
        "is_expected": unit.reception == "awaiting",
        "can_inspect": unit.reception == "received" and unit.acceptance in ("pending", "manual"),
        "can_hand_back": is_to_hand_back(unit, losses),
        "can_settle": unit.reception in ("excess", "wrong_item"),
    }


def _owed(owed: Any) -> dict[str, Any]:
    return {
        "amount": money(owed.amount_minor, owed.currency, _language()),
        "state": owed_state_in_words(owed.state),
        "due": in_words(owed.due_on, _language()),
        "is_due": owed.state == "due",
    }


def _act(request: HttpRequest, public_id: str, act: Callable[[Any], Any], said: str) -> HttpResponse:
    ret = _mine(request, public_id, to_change=True)
    try:
        act(ret)
        messages.success(request, said)
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return redirect("merchant-return", public_id)


@posted
def receive(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record what arrived, counted by line."""
    complete = request.POST.get("complete") == "1"
    return _act(
        request,
        public_id,
        lambda ret: operations.receive_return(
            return_id=ret.pk, counted=_counted(request.POST, ret), complete=complete, by=_who(request), now=clock.now(),
            seen_at=_seen(request.POST),
        ),
        _("Counted."),
    )  # fmt: skip


def _seen(data: Mapping[str, str]) -> datetime | None:
    """Return the moment that the page showed; two clerks with the same page count the parcel once."""
    text = data.get("seen_at", "")
    return datetime.fromisoformat(text) if text and _is_moment(text) else None


def _counted(data: Mapping[str, str], ret: Any) -> dict[str, Counted]:
    found = {}
    for line in ret.lines.all():
        numbers = {}
        for kind in ("good", "wrong", "empty"):
            text = data.get(f"{kind}.{line.line.public_id}", "").strip() or "0"
            if not text.isdigit() or int(text) > 999:
                raise BadCount(field="counted")
            numbers[kind] = int(text)
        if any(numbers.values()):
            found[line.line.public_id] = Counted(**numbers)
    return found


@posted
def inspect(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record what the inspection says, for all units that were given a grade."""

    def act(ret: Any) -> None:
        units = [unit for line in ret.lines.all() for unit in line.units.all()]
        given = [verdict for unit in units if (verdict := _verdict(request.POST, unit))]
        operations.inspect_return(return_id=ret.pk, verdicts=given, by=_who(request), now=clock.now())

    return _act(request, public_id, act, _("Recorded. What can be sold again is on the shelf."))


def _verdict(data: Mapping[str, str], unit: Any) -> Verdict | None:
    grade = data.get(f"grade.{unit.public_id}", "")
    if grade not in GRADES:
        return None
    return Verdict(
        unit=unit.public_id,
        accept=data.get(f"accept.{unit.public_id}", "1") == "1",
        grade=grade,
        resellable=data.get(f"resell.{unit.public_id}") == "1",
        note=data.get(f"note.{unit.public_id}", "")[:500],
    )


@posted
def settle(request: HttpRequest, public_id: str, unit: int) -> HttpResponse:
    """Say what becomes of a piece that is too much, another thing, or under a broken seal."""
    way = request.POST.get("way", "")

    def act(ret: Any) -> None:
        if not any(one.pk == unit for line in ret.lines.all() for one in line.units.all()):
            raise NotFound(field="unit")
        if way == "hand_back":
            operations.hand_back(unit_id=unit, by=_who(request), now=clock.now())
        else:
            operations.settle_unit(
                unit_id=unit,
                action="receive" if way == "receive" else "send_back",
                by=_who(request),
                now=clock.now(),
            )

    return _act(request, public_id, act, _("Recorded."))


@posted
def claim_loss(request: HttpRequest, public_id: str) -> HttpResponse:
    """Claim a loss of value with its evidence."""
    ret = _mine(request, public_id, to_change=True)
    form = LossForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ret, 422, form)
    got = form.cleaned_data
    try:
        operations.claim_loss(
            return_id=ret.pk, line=got["line"], amount_minor=Money.of(got["amount"], ret.order.currency).minor,
            why=got["why"], evidence=checked(got["evidence"], papers=False), by=_who(request), now=clock.now(),
        )  # fmt: skip
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
        return _page(request, ret, 422, form)
    messages.success(request, _("The shopper is asked. What is not in dispute is paid in time."))
    return redirect("merchant-return", public_id)


@posted
def claim_seal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record a broken seal with its picture: where the law ends the right with it, the shopper is asked."""
    ret = _mine(request, public_id, to_change=True)
    form = SealForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ret, 422, seal=form)
    got = form.cleaned_data
    try:
        operations.claim_broken_seal(
            return_id=ret.pk, line=got["line"], why=got["why"], evidence=checked(got["evidence"], papers=False),
            by=_who(request), now=clock.now(),
        )  # fmt: skip
    except RightfulError as error:
        form.add_error("evidence" if error.field == "evidence" else None, error.in_words(_))
        return _page(request, ret, 422, seal=form)
    messages.success(request, _("The shopper is asked. What is not in dispute is paid in time."))
    return redirect("merchant-return", public_id)


@posted
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close a return of which everything is said."""
    return _act(
        request,
        public_id,
        lambda ret: operations.close_return(return_id=ret.pk, now=clock.now()),
        _("Closed."),
    )


@posted
def pay(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pay now what is due for this return."""
    return _act(
        request,
        public_id,
        lambda ret: settling.pay_for(subject=ret.subject, order=ret.order.public_id, now=clock.now()),
        _("The money is on its way."),
    )


# -- several at once


@posted
def bulk(request: HttpRequest) -> HttpResponse:
    """Show what would be done to the chosen returns; do it when it is confirmed."""
    ids = request.POST.getlist("chosen")[:MOST_AT_ONCE]
    way = request.POST.get("way", "")
    if way not in ("receive", "inspect") or not ids:
        messages.error(request, _("Choose some returns first."))
        return redirect("merchant-returns")
    rows = [_mine(request, public_id, to_change=True) for public_id in ids]
    fitting = [ret for ret in rows if _fits(ret, way)]
    if request.POST.get("confirmed") != "1":
        title = _("Arrived as announced") if way == "receive" else _("All as new")
        return _frame(
            request, "admin/returns/bulk.html", title=title, way=way, rows=[_row(ret, clock.today()) for ret in fitting],
            left_out=len(rows) - len(fitting),
        )  # fmt: skip
    done = sum(_do(request, ret, way) for ret in fitting)
    messages.success(request, _("%(n)s returns are recorded.") % {"n": done})
    return redirect("merchant-returns")


def _fits(ret: Any, way: str) -> bool:
    if way == "receive":
        return ret.state in ("announced", "label_issued", "in_transit")
    return ret.state == "received" and ret.reason != "claim"  # what is claimed is looked at piece by piece


def _do(request: HttpRequest, ret: Any, way: str) -> bool:
    now = clock.now()
    try:
        if way == "receive":
            counted = {line.line.public_id: Counted(good=line.announced) for line in ret.lines.all()}
            operations.receive_return(
                return_id=ret.pk, counted=counted, complete=True, by=_who(request), now=now
            )
        else:
            units = [
                unit for line in ret.lines.all() for unit in line.units.all() if unit.reception == "received"
            ]
            verdicts = [
                Verdict(unit.public_id, accept=True, grade="A", resellable=True)
                for unit in units
                if unit.acceptance == "pending"
            ]
            operations.inspect_return(return_id=ret.pk, verdicts=verdicts, by=_who(request), now=now)
    except RightfulError as error:
        messages.error(request, f"{ret.public_id}: {error.in_words(_)}")
        return False
    return True


@require_http_methods(["GET", "POST"])
def unannounced(request: HttpRequest) -> HttpResponse:
    """Take in a parcel that nobody announced: by the order number on its slip."""
    _merchant(request)
    number = request.POST.get("order", request.GET.get("order", ""))[:20]
    order = after_sales.order_by_public_id(number) if number else None
    if order is not None and order.merchant_id not in editable_ids_of(request):
        order = None
    if request.method == "POST" and order is not None and "count" in request.POST:
        counted = {
            line.public_id: Counted(good=int(text))
            for line in order.lines.all()
            if (text := request.POST.get(f"good.{line.public_id}", "").strip()).isdigit()
            and 0 < int(text) < 1000
        }
        if counted:
            ret = operations.receive_unannounced(
                order=order, counted=counted, by=_who(request), now=clock.now()
            )
            messages.success(request, _("Taken in. Say what becomes of each piece."))
            return redirect("merchant-return", ret.public_id)
        messages.error(request, _("Count at least one piece."))
    return _frame(
        request, "admin/returns/unannounced.html", title=_("A parcel that nobody announced"), number=number, order=order,
        is_unknown=bool(number) and order is None, lines=list(order.lines.all()) if order else [],
    )  # fmt: skip
