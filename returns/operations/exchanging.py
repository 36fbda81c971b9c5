"""Exchanges: agreed with the stock held, the difference settled, sent by the merchant's promise, or brought to an end.

An exchange takes nothing from a right: the time to withdraw runs on, a declaration ends the exchange, and a claim
whose other piece cannot be sent goes on as a claim. Each piece is exchanged once.

Lock order: the order, the exchange, its return, then what `orders` and the catalogue lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from catalog import operations as catalogue
from catalog.domain.errors import OutOfStock, ReservationLost
from compliance.rulebook.words import noop as _
from marketplace.kernel import jobs, outbox
from marketplace.kernel.errors import Conflict, Invalid, NotFound
from orders import operations as orders
from orders.domain.errors import WrongState
from orders.queries import after_sales
from orders.queries.law import rulings_of
from orders.queries.supplements import paid_by, supplement_by_key
from returns.domain import policy
from returns.domain.errors import DifferenceChanged, NotExchangeable, TooManyAnnounced
from returns.domain.exchanges import EXCHANGE, EXCHANGE_OPEN
from returns.domain.parts import Part
from returns.domain.states import next_state
from returns.events import ExchangeMoved
from returns.models import Claim, Exchange, ExchangePolicy, Return, ReturnUnit
from returns.operations import repairing
from returns.operations.opening import cancel_return, count_returning, counted_of, lock_tallies, open_return
from returns.operations.reckoning import owe_now, release_arrived
from returns.operations.refunding import owe_refund
from returns.operations.settling import settle
from returns.queries import law
from returns.queries.exchanges import Choice, Wish, choice_of

UNSENT = ("announced", "label_issued")
RIGHTS = ("withdrawn", "claim")  # what ends an exchange even while its difference is being taken
A_DAY = timedelta(days=1)
MARGIN = A_DAY  # the stock is held a little longer than the exchange, so that a job ends it first


@transaction.atomic
def set_policy(
    *, merchant_id: int, is_offered: bool, days: int, ship_on: str, now: datetime
) -> ExchangePolicy:
    """Say what a merchant promises about exchanges from now on; what was agreed before stays as it was."""
    row, _new = ExchangePolicy.objects.update_or_create(
        merchant_id=merchant_id,
        defaults={"is_offered": is_offered, "days": days, "ship_on": ship_on, "changed_at": now},
    )
    return row


@transaction.atomic
def ask_exchange(
    *, order: Any, line: str, variant: str, quantity: int, seen_minor: int, key: str, language: str, now: datetime,
    claim_id: int | None = None,
) -> Exchange:  # fmt: skip
    """Agree on an exchange and hold the new pieces; the same key is the same exchange.

    :param line: the order line's public id; `variant` that of what is wanted instead.
    :param seen_minor: the difference for all pieces as it was shown.
    :param claim_id: a claim that gets another piece anyway, and this instead of the same.
    :raises NotExchangeable: by the merchant's promise, or because no piece is left to exchange: reason.
    :raises DifferenceChanged: if the price is another by now.
    :raises OutOfStock: if there are not so many.
    :raises Invalid: if the key stands for another wish.
    """
    after_sales.lock_orders([order.pk])
    known = Exchange.objects.select_related("line", "variant").filter(key=key).first()
    if known is not None:
        if not _is_same(known, order, line, variant, quantity, claim_id):
            raise Invalid("This was asked for before with another wish.", field="key")
        return known
    order = after_sales.order_with_parts(order.pk)
    row = next((one for one in order.lines.all() if one.public_id == line), None)
    if row is None:
        raise NotFound(field="line")
    lock_tallies([row.pk])
    claim = _claim(claim_id, row, quantity)
    today = _day(order, now)
    choice = choice_of(order, row, today=today, language=language, claimed=quantity if claim else 0)
    wish = _chosen(choice, variant, quantity)
    if wish.each_minor * quantity != seen_minor:
        raise DifferenceChanged(field="variant", difference_minor=wish.each_minor * quantity)
    return _agree(order, row, choice, wish, quantity, key, claim, now)


def _is_same(
    known: Exchange, order: Any, line: str, variant: str, quantity: int, claim_id: int | None
) -> bool:
    """Tell whether an exchange is what is wished for; a variant that is gone by now is not compared."""
    if (known.order_id, known.claim_id, known.quantity) != (order.pk, claim_id, quantity):
        return False
    return known.line.public_id == line and (known.variant is None or known.variant.public_id == variant)


def _claim(claim_id: int | None, line: Any, quantity: int) -> Claim | None:
    if claim_id is None:
        return None
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim_id)
    remedy = repairing.live_remedy(claim)
    if claim.line_id != line.pk or claim.quantity != quantity:
        raise Invalid("All pieces of a claim are exchanged together.", field="quantity")
    if remedy is None or remedy.kind != "replacement" or remedy.state != "due":
        raise NotExchangeable(reason="not_offered", field="variant")
    if claim.exchanges.filter(state__in=EXCHANGE_OPEN).exists():
        raise NotExchangeable(reason="one_open", field="variant")
    return claim


def _chosen(choice: Choice, variant: str, quantity: int) -> Wish:
    if choice.reason:
        raise NotExchangeable(reason=choice.reason, field="variant")
    if not 1 <= quantity <= choice.left:
        raise NotExchangeable(reason="none_left", field="quantity", left=choice.left)
    wish = next((one for one in choice.wishes if one.variant == variant), None)
    if wish is None:
        raise NotExchangeable(reason="no_other", field="variant")
    return wish


def _agree(
    order: Any,
    line: Any,
    choice: Choice,
    wish: Wish,
    quantity: int,
    key: str,
    claim: Claim | None,
    now: datetime,
) -> Exchange:
    difference = wish.each_minor * quantity
    pay_by = now + policy.EXCHANGE_PAY if difference > 0 else None
    exchange = Exchange.objects.create(
        key=key, order=order, line=line, merchant_id=order.merchant_id, claim=claim, quantity=quantity,
        variant_id=wish.variant_id, sku=wish.sku, title=wish.title, options=[list(pair) for pair in wish.options],
        state="to_pay" if pay_by else "waiting", ship_on=choice.promise.ship_on, old_unit_minor=wish.old_unit_minor,
        new_unit_minor=wish.new_unit_minor, difference_minor=difference, currency=order.currency, agreed_at=now,
        pay_by=pay_by, held_until=pay_by or now + policy.EXCHANGE_BACK, changed_at=now,
    )  # fmt: skip
    catalogue.reserve_stock(
        holder=holder_of(exchange), items=[(wish.variant_id, quantity)], until=exchange.held_until + MARGIN, now=now
    )  # fmt: skip
    if pay_by:
        _ask_supplement(exchange, pay_by, now)
    else:
        _await_goods(exchange, now)
    outbox.publish(ExchangeMoved(exchange.public_id, order.public_id, "agreed"))
    return exchange


def _ask_supplement(exchange: Exchange, pay_by: datetime, now: datetime) -> None:
    with translation.override(exchange.order.group.language):
        title = gettext("Exchange %(number)s: %(quantity)s × %(title)s") % {
            "number": exchange.public_id, "quantity": exchange.quantity, "title": named(exchange),
        }  # fmt: skip
    asked = orders.ask_supplement(
        line_id=exchange.line_id,
        amount_minor=exchange.difference_minor,
        key=f"exchange:{exchange.public_id}",
        title=title,
        back_path=reverse("exchange", args=[exchange.token]),
        pay_by=pay_by,
        now=now,
    )
    exchange.supplement = asked.public_id
    exchange.save(update_fields=["supplement"])


def named(exchange: Exchange) -> str:
    """Return what is got, with its options."""
    options = ", ".join(str(value) for _name, value in exchange.options)
    return f"{exchange.title} ({options})" if options else exchange.title


def holder_of(exchange: Exchange) -> str:
    """Return the name under which the catalogue holds the pieces of an exchange."""
    return f"exchange:{exchange.public_id}"


def _await_goods(exchange: Exchange, now: datetime) -> None:
    """Have the goods sent back: by a return of its own, or by the claim's; without one the new piece goes at once.

    If it was paid for so late that the new piece is somebody else's, it ends before anything is sent back.
    """
    if not _hold(exchange, now + policy.EXCHANGE_BACK, now):
        _end(exchange, "run_out", "no_stock", now)
        return
    if exchange.claim_id is None:
        exchange.ret = _open(exchange, now)
    else:
        remedy = repairing.live_remedy(exchange.claim)  # type: ignore[arg-type]
        exchange.ret = remedy.ret if remedy else None
    exchange.save(update_fields=["ret"])
    ret = exchange.ret
    is_back = ret is None or _is_back(exchange)
    if is_back or (exchange.ship_on == "scan" and ret is not None and ret.dispatched_at is not None):
        _get_ready(exchange, now)


def _open(exchange: Exchange, now: datetime) -> Return:
    order, today = exchange.order, _day(exchange.order, now)
    cost = law.return_cost(order, [exchange.line], declared_on=today)
    return open_return(
        order=order,
        lines={exchange.line.public_id: exchange.quantity},
        reason="exchange",
        subject=exchange.public_id,
        paid_by=cost.answer["paid_by"] or "consumer",
        send_back_by=(now + policy.EXCHANGE_BACK).astimezone(ZoneInfo(order.group.time_zone)).date(),
        rulings=rulings_of([cost]),
        now=now,
    )


def _hold(exchange: Exchange, until: datetime, now: datetime) -> bool:
    """Hold the new pieces longer, anew if they were let go meanwhile; tell whether there are so many."""
    exchange.held_until, exchange.changed_at = until, now
    exchange.save(update_fields=["held_until", "changed_at"])
    holder, until = holder_of(exchange), until + MARGIN
    if catalogue.extend_reservations(holder=holder, until=until):
        return True
    if exchange.variant_id is None:
        return False
    try:
        catalogue.reserve_stock(
            holder=holder, items=[(exchange.variant_id, exchange.quantity)], until=until, now=now
        )
    except OutOfStock:  # asked for once more when it is to be sent
        return False
    return True


def _get_ready(exchange: Exchange, now: datetime) -> None:
    exchange.due_on = _day(exchange.order, now) + policy.EXCHANGE_SHIP
    _step(exchange, "get_ready", now, extra=["due_on"])


# -- money comes


@transaction.atomic
def note_supplement_paid(*, key: str, now: datetime) -> Exchange | None:
    """Go on with an exchange whose difference is paid; a key of something else, or news that came twice, is nothing."""
    if not key.startswith("exchange:"):
        return None
    exchange = _by_number(key.removeprefix("exchange:"))
    if exchange.state != "to_pay":
        return exchange
    exchange.is_paid = True
    _step(exchange, "pay", now, extra=["is_paid"])
    try:
        with transaction.atomic():
            _await_goods(exchange, now)
    except TooManyAnnounced:  # the pieces were sent back for another reason meanwhile
        _end(exchange, "cancel", "returning", now)
    return exchange


# -- goods come back


@transaction.atomic
def note_sent(*, ret: str, now: datetime) -> Exchange | None:
    """The goods of an exchange (the return's public id) are on their way: hold longer, send by the merchant's promise."""
    exchange = _of_return(ret)
    if exchange is None or exchange.state != "waiting":
        return exchange
    _hold(exchange, now + policy.EXCHANGE_ON_THE_WAY, now)
    if exchange.ship_on == "scan":
        _get_ready(exchange, now)
    return exchange


@transaction.atomic
def note_back(*, ret: str, now: datetime) -> Exchange | None:
    """Act on what came back and was counted or looked at: send the new piece, or say that this cannot be taken.

    What is claimed need not be as new, only there. What was rejected after the new piece left changes nothing.
    Nothing is decided before every piece that is here was looked at.
    """
    exchange = _of_return(ret)
    if exchange is None or exchange.ret is None:
        return exchange
    _release(exchange, now)
    if exchange.state not in ("waiting", "ready"):
        if exchange.state == "shipped":
            settle(subject=exchange.public_id, now=now)
        return exchange
    units = list(ReturnUnit.objects.filter(return_line__ret=exchange.ret).exclude(reception="excess"))
    if any(unit.reception == "awaiting" for unit in units):
        return exchange
    here = [unit for unit in units if unit.reception == "received"]
    if exchange.claim_id is not None:
        is_good = len(here) >= exchange.quantity
    elif any(unit.acceptance not in ("accepted", "rejected") for unit in here):
        return exchange
    else:
        is_good = sum(unit.acceptance == "accepted" for unit in here) >= exchange.quantity
        if not is_good:
            _reject(exchange, here, now)
    if is_good and exchange.state == "waiting":
        _get_ready(exchange, now)
    return exchange


def _reject(exchange: Exchange, here: Sequence[ReturnUnit], now: datetime) -> None:
    """End an exchange of which not every piece can be taken.

    What was accepted stays with the seller, so that the contract ends for it and its money is owed; the other
    pieces are the shopper's again, and may go back for another reason.
    """
    accepted = sum(unit.acceptance == "accepted" for unit in here)
    notes = (unit.note for unit in here if unit.acceptance == "rejected" and unit.note)
    _end(exchange, "reject", next(notes, "none_came"), now)
    count_returning({exchange.line_id: accepted - _counted(exchange)}, now=now)
    if accepted:
        _end_contract(exchange, accepted, now, is_back=True)
    settle(subject=exchange.public_id, now=now)


def _counted(exchange: Exchange) -> int:
    """Return how many of the pieces count as going back: what was called off ceased to when it was."""
    return counted_of(exchange.ret).get(exchange.line_id, 0) if exchange.ret is not None else 0


def _release(exchange: Exchange, now: datetime) -> None:
    """Money that waited for the goods waits no longer for those that are here."""
    release_arrived(
        subject=exchange.public_id, line=exchange.line.public_id, here=_here(exchange), of=exchange.quantity,
        due_on=_day(exchange.order, now) + policy.EXCHANGE_PAID, now=now,
    )  # fmt: skip


def _here(exchange: Exchange) -> int:
    """Return how many of the pieces are back with the seller; empty boxes and other things are none."""
    return ReturnUnit.objects.filter(return_line__ret=exchange.ret_id, reception="received").count()


def _is_back(exchange: Exchange) -> bool:
    return exchange.ret_id is not None and _here(exchange) >= exchange.quantity


# -- the new piece leaves


@transaction.atomic
def ship_exchange(
    *, exchange_id: int, carrier: str, tracking_number: str, by: str, now: datetime
) -> Exchange:
    """Record that the new piece left. If there is none any more the exchange ends, and the money is owed.

    :raises Invalid: without carrier or number.
    :raises WrongState: before it may be sent, or twice.
    """
    exchange = _locked(exchange_id)
    return _ship(exchange, carrier=carrier, tracking_number=tracking_number, by=by, now=now)


def _ship(exchange: Exchange, *, carrier: str, tracking_number: str, by: str, now: datetime) -> Exchange:
    if not carrier.strip() or not tracking_number.strip():
        raise Invalid("Give carrier and tracking number.", field="tracking_number")
    next_state(EXCHANGE, exchange.state, "ship")
    if not _take(exchange, now):
        _end(exchange, "run_out", "no_stock", now)
        return exchange
    exchange.carrier, exchange.tracking_number = carrier.strip()[:60], tracking_number.strip()[:60]
    exchange.shipped_at, exchange.due_on = now, None
    _step(exchange, "ship", now, extra=["carrier", "tracking_number", "shipped_at", "due_on"])
    if exchange.claim_id is not None:
        _send_remedy(exchange, by, now)
    else:
        count_returning({exchange.line_id: -_counted(exchange)}, now=now)
    if exchange.difference_minor < 0:
        _owe(exchange, "difference", -exchange.difference_minor, _("The new one costs less."), now)
    settle(subject=exchange.public_id, now=now)
    return exchange


def _send_remedy(exchange: Exchange, by: str, now: datetime) -> None:
    claim = exchange.claim
    remedy = repairing.live_remedy(claim) if claim else None
    if claim is None or remedy is None:
        raise Conflict("There is nothing to send for this.", remedy="")
    repairing.send_again(
        remedy=remedy, carrier=exchange.carrier, tracking_number=exchange.tracking_number, note="", now=now, taken=True
    )  # fmt: skip
    repairing.tell(claim, "seller", "sent", now=now, remedy=remedy.kind, text=named(exchange), by=by)


def _take(exchange: Exchange, now: datetime) -> bool:
    """Take what is held off the shelf; what lapsed is asked for again. Tell whether there was enough."""
    if exchange.variant_id is None:
        return False
    holder, wanted = holder_of(exchange), {exchange.variant_id: exchange.quantity}
    try:
        with transaction.atomic():
            try:
                catalogue.take_reservation(
                    holder=holder, reference=exchange.public_id, now=now, wanted=wanted
                )
            except ReservationLost:
                catalogue.reserve_stock(holder=holder, items=list(wanted.items()), until=now, now=now)
                catalogue.take_reservation(holder=holder, reference=exchange.public_id, now=now)
    except OutOfStock:
        return False
    return True


def ship_for_claim(*, claim: Claim, carrier: str, tracking_number: str, by: str, now: datetime) -> bool:
    """Send the other variant that was agreed on for a locked claim; tell whether there was one."""
    found = Exchange.objects.filter(claim=claim, state="ready").first()
    if found is None:
        return False
    shipped = _ship(_locked(found.pk), carrier=carrier, tracking_number=tracking_number, by=by, now=now)
    return shipped.state == "shipped"


def drop_for_claim(*, claim: Claim, now: datetime) -> None:
    """End an exchange of a locked claim, because the claim goes another way."""
    for pk in list(
        Exchange.objects.filter(claim=claim, state__in=EXCHANGE_OPEN).values_list("pk", flat=True)
    ):
        _end(_locked(pk), "cancel", "claim", now)


# -- it ends without


@transaction.atomic
def cancel_exchange(*, exchange_id: int, now: datetime) -> Exchange:
    """Call an exchange off, while nothing is on its way; the shopper keeps what they have.

    :raises WrongState: once the money is being taken or the goods were sent (a withdrawal is still possible).
    """
    exchange = _locked(exchange_id)
    if exchange.state in EXCHANGE_OPEN and not may_cancel(exchange):
        raise WrongState(state=exchange.state, action="cancel")
    _end(exchange, "cancel", "shopper", now)
    return exchange


def may_cancel(exchange: Exchange) -> bool:
    """Tell whether the shopper can still call an exchange off."""
    if exchange.state not in EXCHANGE_OPEN:
        return False
    return exchange.claim_id is not None or exchange.ret is None or exchange.ret.state in UNSENT


@transaction.atomic
def run_out(*, exchange_id: int, why: str, by: str, now: datetime) -> Exchange:
    """Say that the new piece cannot be sent after all, with the reason; what was sent back is paid back."""
    exchange = _locked(exchange_id)
    _end(exchange, "run_out", why.strip()[:300] or "no_stock", now)
    return exchange


@transaction.atomic
def give_up_exchange(*, exchange_id: int, now: datetime) -> Exchange:
    """End an exchange whose new piece the seller did not send in time: all the money is owed; a claim goes on.

    :raises WrongState: while the seller still has time, or once it is sent.
    """
    exchange = _locked(exchange_id)
    if not may_give_up(exchange, _day(exchange.order, now)):
        raise WrongState(state=exchange.state, action="give_up")
    _give_up(exchange, now)
    return exchange


def may_give_up(exchange: Exchange, today: date) -> bool:
    """Tell whether the seller's time to send the new piece is over."""
    return exchange.state == "ready" and exchange.due_on is not None and exchange.due_on < today


def _give_up(exchange: Exchange, now: datetime) -> None:
    _end(exchange, "run_out" if exchange.claim_id is None else "cancel", "not_sent", now)


def follow_exchanges(*, now: datetime, limit: int = 500) -> int:
    """End what was not paid, not sent back or never sent, and hold what is on its way; return how many ended."""
    rows = Exchange.objects.filter(state__in=EXCHANGE_OPEN, held_until__lte=now).order_by("held_until", "pk")
    ended = jobs.each(rows.values_list("pk", flat=True)[:limit], lambda pk: _follow(pk, now))
    last = (now + A_DAY - policy.EXCHANGE_OVERDUE).date()  # the shopper's day may be ahead of ours
    late = Exchange.objects.filter(state="ready", due_on__lt=last).order_by("due_on", "pk")
    return ended + jobs.each(late.values_list("pk", flat=True)[:limit], lambda pk: _end_unsent(pk, now))


@transaction.atomic
def _end_unsent(pk: int, now: datetime) -> bool:
    """End an exchange by itself that the seller never sent."""
    exchange = _locked(pk)
    if not may_give_up(exchange, _day(exchange.order, now) - policy.EXCHANGE_OVERDUE):
        return False
    _give_up(exchange, now)
    return True


@transaction.atomic
def _follow(pk: int, now: datetime) -> bool:
    exchange = _locked(pk)
    if exchange.state not in EXCHANGE_OPEN or exchange.held_until > now:
        return False
    if exchange.state == "to_pay":
        try:
            _end(exchange, "lapse", "not_paid", now)
        except WrongState:  # the money is being taken at this moment
            return False
        return True
    ret = exchange.ret
    if exchange.state == "waiting" and ret is not None and ret.state in (*UNSENT, "cancelled"):
        _end(exchange, "lapse", "never_sent", now)
        return True
    if exchange.state == "waiting" and ret is not None and ret.state == "lost":
        if ret.parcels.exclude(method="own").exists():  # by the seller's label: the loss is not the shopper's
            _get_ready(exchange, now)
            _hold(exchange, now + policy.EXCHANGE_ON_THE_WAY, now)
            return False
        _end(exchange, "lapse", "lost", now)
        return True
    _hold(exchange, now + policy.EXCHANGE_ON_THE_WAY, now)
    return False


@transaction.atomic
def yield_to_withdrawal(*, lines: Sequence[tuple[int, int]], subject: str, now: datetime) -> list[Return]:
    """End exchanges of pieces that are withdrawn from, newest first; inside the declaration's transaction.

    Goods that are on their way already count as sent back for the withdrawal.

    :param lines: (order line's key, how many pieces are withdrawn from now beside those before).
    :return: the returns that belong to the withdrawal now.
    """
    taken = []
    for tally in lock_tallies([line for line, _count in lines]):
        wanted = dict(lines)[tally.line_id]
        live = list(Exchange.objects.filter(line_id=tally.line_id, state__in=EXCHANGE_OPEN).order_by("-pk"))
        free = tally.bought - tally.withdrawn - sum(one.quantity for one in live)
        for one in live:
            if wanted <= free:
                break
            free += one.quantity
            ret = _yield(_locked(one.pk), subject, now)
            taken += [ret] if ret is not None else []
    return taken


def _yield(exchange: Exchange, subject: str, now: datetime) -> Return | None:
    _end(exchange, "cancel", "withdrawn", now)
    ret = exchange.ret
    if ret is None or exchange.claim_id is not None or ret.state == "cancelled":
        return None
    ret.reason, ret.subject, ret.changed_at = "withdrawal", subject, now
    ret.save(update_fields=["reason", "subject", "changed_at"])
    return ret


def _end(exchange: Exchange, action: str, because: str, now: datetime) -> None:
    """Bring an exchange to its end: let go of the stock, give back what was paid for it, call off an unsent return.

    :raises WrongState: if the difference is being taken at this moment, and no right of the shopper ends it.
    """
    if exchange.state == "to_pay":
        _end_supplement(exchange, because)
    exchange.because, exchange.ended_at, exchange.due_on = because[:300], now, None
    _step(exchange, action, now, extra=["because", "ended_at", "due_on", "is_paid"])
    catalogue.release_reservations(holder=holder_of(exchange), now=now)
    if exchange.is_paid:
        _owe(exchange, "supplement", exchange.difference_minor, _("What you paid for the exchange."), now)
    if exchange.claim_id is None and exchange.ret is not None:
        if exchange.ret.state in UNSENT:
            exchange.ret = cancel_return(return_id=exchange.ret.pk, now=now)
        elif exchange.state == "sold_out":
            _end_contract(exchange, exchange.quantity, now, is_back=_is_back(exchange))


def _end_supplement(exchange: Exchange, because: str) -> None:
    """Call off what is to be paid. A right of the shopper waits for no money: what is paid by now is owed back."""
    supplement = supplement_by_key(f"exchange:{exchange.public_id}")
    if supplement is None:
        return
    if because not in RIGHTS:
        orders.cancel_supplement(supplement_id=supplement.pk)
        return
    ended = orders.give_up_supplement(supplement_id=supplement.pk)
    exchange.is_paid = ended.state == "paid"  # the news of it may still be on its way


def _end_contract(exchange: Exchange, pieces: int, now: datetime, *, is_back: bool) -> None:
    """So many pieces are gone back and there are no others: the contract ends for them, and the money is owed."""
    (tally,) = lock_tallies([exchange.line_id])
    ends = min(pieces, tally.bought - tally.withdrawn)
    tally.withdrawn, tally.ended_after, tally.changed_at = (
        tally.withdrawn + ends,
        tally.ended_after + ends,
        now,
    )
    tally.save(update_fields=["withdrawn", "ended_after", "changed_at"])
    order, today = after_sales.order_with_parts(exchange.order_id), _day(exchange.order, now)
    sent_at = exchange.ret.dispatched_at if exchange.ret else None
    deadline = law.refund_deadline(
        order, declared_on=today, goods_back_on=today if is_back else None,
        dispatch_proof_on=_day(exchange.order, sent_at) if sent_at else None,
    )  # fmt: skip
    owe_now(
        order=order, subject=exchange.public_id, deadline=deadline, waits=not is_back,
        due_on=today + policy.EXCHANGE_PAID, now=now,
    )  # fmt: skip


def _owe(exchange: Exchange, kind: str, amount: int, because: str, now: datetime) -> None:
    payment = paid_by(exchange.supplement) if kind == "supplement" else ""
    owe_refund(
        order=exchange.order,
        subject=exchange.public_id,
        parts=[Part(exchange.line.public_id, 0, kind, amount, because)],
        due_on=_day(exchange.order, now) + policy.EXCHANGE_PAID,
        rulings=[],
        key=f"{exchange.public_id}:{kind}",
        now=now,
        payment=payment,
    )


# -- shared


def _step(exchange: Exchange, action: str, now: datetime, *, extra: Sequence[str] = ()) -> None:
    exchange.state = next_state(EXCHANGE, exchange.state, action)
    exchange.changed_at = now
    exchange.save(update_fields=["state", "changed_at", *extra])
    outbox.publish(ExchangeMoved(exchange.public_id, exchange.order.public_id, exchange.state))


def _locked(exchange_id: int) -> Exchange:
    order_id = Exchange.objects.values_list("order_id", flat=True).get(pk=exchange_id)
    after_sales.lock_orders([order_id])
    rows = Exchange.objects.select_for_update(of=("self",)).select_related(
        "order__group", "order__merchant", "line", "claim", "ret"
    )
    return rows.get(pk=exchange_id)


def _by_number(public_id: str) -> Exchange:
    found = Exchange.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(field="exchange")
    return _locked(found)


def _of_return(ret: str) -> Exchange | None:
    """Return the exchange whose goods go back by a return: its own, or that of its claim."""
    rows = Exchange.objects.filter(ret__public_id=ret)
    found = rows.order_by("-pk").values_list("pk", flat=True).first()
    return _locked(found) if found is not None else None


def _day(order: Any, now: datetime) -> date:
    return now.astimezone(ZoneInfo(order.group.time_zone)).date()
