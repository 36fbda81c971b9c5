"""Claims: filed by the shopper, answered by the seller against a clock, decided by the platform where nobody answers.

Lock order: the order, the claim, its remedies, then what `repairing` brings about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Sum

from marketplace.kernel import jobs, outbox
from marketplace.kernel.errors import Conflict, Invalid, NotFound
from orders.queries import after_sales
from returns.domain import policy
from returns.domain.claims import (
    BY_SUM,
    CLAIM,
    CLAIM_OPEN,
    KINDS,
    OFFERS,
    default_remedy,
)
from returns.domain.errors import NotOpenByLaw, TooManyClaimed
from returns.domain.states import next_state
from returns.events import ClaimFiled
from returns.models import Claim, ClaimFile
from returns.operations import exchanging, repairing
from returns.operations.opening import lock_tallies
from returns.operations.settling import settle
from returns.queries import claim_law

BY_PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Filed:
    """What the shopper says is wrong, and asks for."""

    kind: str
    quantity: int
    said: str
    noticed_on: date
    wanted: str
    language: str
    is_serious: bool = False
    files: Sequence[tuple[str, bytes]] = ()


@transaction.atomic
def file_claim(*, order: Any, line: str, filed: Filed, key: str, now: datetime) -> Claim:
    """Store a claim and ask the seller; the same key is the same claim.

    :param line: the order line's public id.
    :raises Invalid: for a kind, a day or words that cannot be.
    :raises TooManyClaimed: if more pieces would be claimed than the shopper has.
    :raises NotOpenByLaw: for a remedy that the law does not open now, where it lists any.
    """
    after_sales.lock_orders([order.pk])
    order = after_sales.order_with_parts(order.pk)
    known = Claim.objects.filter(key=key).first()
    if known is not None:
        return known
    row = next((one for one in order.lines.all() if one.public_id == line), None)
    if row is None:
        raise NotFound(field="line")
    _check(order, row, filed, now)
    answer = claim_law.guarantee(row, order, noticed_on=filed.noticed_on, serious=filed.is_serious)
    _check_wanted(answer.answer["remedies_open"], filed.wanted)
    claim = Claim.objects.create(
        key=key, order=order, line=row, merchant_id=order.merchant_id, market=order.group.market,
        quantity=filed.quantity, kind=filed.kind, said=filed.said.strip(), noticed_on=filed.noticed_on,
        is_serious=filed.is_serious, wanted=filed.wanted, language=filed.language, filed_at=now, asked_at=now,
        answer=answer.as_json(), due_on=_day(order, now) + policy.CLAIM_ANSWER, changed_at=now,
    )  # fmt: skip
    for name, data in filed.files[: policy.FILES_PER_CLAIM]:
        kept = ClaimFile(claim=claim, name=name[:120], at=now)
        kept.file.save(name, ContentFile(data), save=False)
        kept.save()
    repairing.tell(claim, "shopper", "filed", now=now, remedy=filed.wanted, text=claim.said)
    outbox.publish(ClaimFiled(claim.public_id, order.public_id, row.public_id, filed.kind, now))
    return claim


@transaction.atomic
def add_claim_file(*, claim_id: int, file: tuple[str, bytes], now: datetime) -> Claim:
    """Add a picture, a film or a paper (checked: its name of ours and its bytes) to a claim that is not over.

    :raises Conflict: for a claim that is over.
    :raises Invalid: if it has as many files as a claim may have.
    """
    claim = locked_claim(claim_id)
    if claim.state not in (*CLAIM_OPEN, "resting"):
        raise Conflict("This claim is over.", state=claim.state)
    if claim.files.count() >= policy.FILES_PER_CLAIM:
        raise Invalid("A claim has up to %(most)s files.", field="file", most=policy.FILES_PER_CLAIM)
    name, data = file
    kept = ClaimFile(claim=claim, name=name[:120], at=now)
    kept.file.save(name, ContentFile(data), save=False)
    kept.save()
    repairing.tell(claim, "shopper", "added", now=now)
    return claim


def _check(order: Any, line: Any, filed: Filed, now: datetime) -> None:
    if filed.kind not in KINDS:
        raise Invalid("Choose what is wrong.", field="kind")
    if not filed.said.strip():
        raise Invalid("Say what is wrong, in a few words.", field="said")
    if filed.noticed_on > _day(order, now):
        raise Invalid("This is in the future.", field="noticed_on")
    if filed.quantity < 1:
        raise Invalid("The quantity is at least one.", field="quantity")
    (tally,) = lock_tallies([line.pk])
    gone = after_sales.left_quantities(order).get(line.pk, 0)  # what was never sent is late, and no claim
    live = Claim.objects.filter(line=line, state__in=[*CLAIM_OPEN, "resting"])
    claimed = live.aggregate(sum=Sum("quantity"))["sum"] or 0
    left = max(min(tally.bought - tally.withdrawn, gone - tally.ended_after) - claimed, 0)
    if filed.quantity > left:
        raise TooManyClaimed(field="quantity", line=line.public_id, left=left)


def _check_wanted(opened: Sequence[str], wanted: str) -> None:
    """What the law lists now may be asked for; where it lists nothing, what sellers usually offer."""
    if wanted not in (opened or OFFERS):
        raise NotOpenByLaw(field="wanted", remedy=wanted, opened=list(opened))


# -- the seller answers


@transaction.atomic
def accept_claim(
    *, claim_id: int, by: str, now: datetime, amount_minor: int | None = None, keep: bool = False
) -> Claim:
    """Give what was asked for. `amount_minor` is the reduction of the price, where that was asked for.

    :param keep: nothing goes back; the shopper keeps it.
    :raises WrongState: when it is not the seller's turn any more.
    """
    claim = locked_claim(claim_id)
    _step(claim, "accept", now)
    repairing.tell(claim, "seller", "accepted", now=now, remedy=claim.wanted, by=by)
    repairing.start(claim=claim, kind=claim.wanted, amount_minor=amount_minor, keep=keep, by=by, now=now)
    return claim


@transaction.atomic
def offer_remedy(
    *, claim_id: int, remedy: str, by: str, now: datetime, amount_minor: int | None = None, text: str = ""
) -> Claim:
    """Offer another remedy; the shopper may decline, and then the platform decides.

    :raises Invalid: for what is not an offer, or a price reduction without its sum.
    """
    claim = locked_claim(claim_id)
    if remedy not in OFFERS or remedy == claim.wanted:
        raise Invalid("Offer something else than what is asked for.", field="remedy")
    if remedy == "price_reduction":
        repairing.check_amount(claim, amount_minor)
    claim.offer, claim.offer_minor = remedy, amount_minor if remedy == "price_reduction" else None
    _step(
        claim, "offer", now, due_on=_day(claim.order, now) + policy.CLAIM_REST, extra=["offer", "offer_minor"]
    )
    repairing.tell(claim, "seller", "offered", now=now, remedy=remedy, text=text, by=by)
    return claim


@transaction.atomic
def refuse_claim(*, claim_id: int, why: str, by: str, now: datetime) -> Claim:
    """Refuse with reasons; the shopper may dispute them, and then the platform decides.

    :raises Invalid: without reasons.
    """
    if not why.strip():
        raise Invalid("Say why, in words the shopper understands.", field="why")
    claim = locked_claim(claim_id)
    claim.refusal = why.strip()
    _step(claim, "refuse", now, due_on=_day(claim.order, now) + policy.CLAIM_REST, extra=["refusal"])
    repairing.tell(claim, "seller", "refused", now=now, text=claim.refusal, by=by)
    return claim


@transaction.atomic
def send_remedy(
    *, claim_id: int, carrier: str, tracking_number: str, note: str, by: str, now: datetime
) -> Claim:
    """Send the repaired or another piece to the shopper.

    :raises Conflict: while nothing is to be sent.
    """
    claim = locked_claim(claim_id)
    remedy = repairing.live_remedy(claim)
    if remedy is None:
        raise Conflict("There is nothing to send for this.", remedy="")
    if exchanging.ship_for_claim(
        claim=claim, carrier=carrier, tracking_number=tracking_number, by=by, now=now
    ):
        return claim
    repairing.send_again(remedy=remedy, carrier=carrier, tracking_number=tracking_number, note=note, now=now)
    repairing.tell(claim, "seller", "sent", now=now, remedy=remedy.kind, text=note, by=by)
    return claim


# -- the shopper goes on


@transaction.atomic
def agree_offer(*, claim_id: int, now: datetime) -> Claim:
    """Take what the seller offered."""
    claim = locked_claim(claim_id)
    _step(claim, "agree", now)
    repairing.tell(claim, "shopper", "agreed", now=now, remedy=claim.offer)
    repairing.start(
        claim=claim, kind=claim.offer, amount_minor=claim.offer_minor, keep=False, by="shopper", now=now
    )
    return claim


@transaction.atomic
def dispute_claim(*, claim_id: int, why: str, now: datetime) -> Claim:
    """Decline an offer or dispute a refusal: the platform decides."""
    claim = locked_claim(claim_id)
    action = "decline" if claim.state == "offered" else "dispute"
    _step(claim, action, now, due_on=_day(claim.order, now) + policy.CLAIM_DECIDE)
    repairing.tell(claim, "shopper", "disputed", now=now, text=why.strip())
    return claim


@transaction.atomic
def drop_claim(*, claim_id: int, now: datetime) -> Claim:
    """Take a claim back that nobody has acted on."""
    claim = locked_claim(claim_id)
    _step(claim, "drop", now)
    repairing.tell(claim, "shopper", "dropped", now=now)
    return claim


@transaction.atomic
def confirm_remedy(*, claim_id: int, now: datetime) -> Claim:
    """Say that it is all right now."""
    return _finish(locked_claim(claim_id), "shopper", "confirmed", now)


def _finish(claim: Claim, side: str, what: str, now: datetime) -> Claim:
    repairing.finish(claim=claim, now=now)
    _step(claim, "finish", now)
    repairing.tell(claim, side, what, now=now)
    settle(subject=claim.public_id, now=now)
    return claim


def finish_quiet(*, today: date, now: datetime, limit: int = 500) -> int:
    """End claims whose goods were sent a while ago and of which nothing was heard; return how many.

    Nothing is lost by it: if the fault is back, the claim opens again.
    """
    sent_before = datetime.combine(today - policy.CLAIM_REST, datetime.min.time(), now.tzinfo)
    rows = Claim.objects.filter(
        state="remedying", remedies__state="sent", remedies__sent_at__lt=sent_before
    ).order_by("pk")
    return jobs.each(rows.values_list("pk", flat=True)[:limit], lambda pk: _finish_quiet(pk, now))


@transaction.atomic
def _finish_quiet(pk: int, now: datetime) -> bool:
    claim = locked_claim(pk)
    if claim.state != "remedying" or not claim.remedies.filter(state="sent").exists():
        return False
    _finish(claim, "platform", "quiet", now)
    return True


@transaction.atomic
def report_failure(*, claim_id: int, wanted: str, text: str, now: datetime) -> Claim:
    """Say that a remedy did not help or takes too long, and what is asked for next, of what the law opens then.

    :raises WrongState: while nothing was tried.
    :raises NotOpenByLaw: for a remedy that the law does not open now.
    :raises Invalid: while the seller's time to act still runs.
    """
    claim = locked_claim(claim_id)
    after_state = next_state(CLAIM, claim.state, "fail")
    exchanging.drop_for_claim(claim=claim, now=now)
    repairing.fail(claim=claim, today=_day(claim.order, now), now=now)
    answer = next_law(claim)
    _check_wanted(answer.answer["remedies_open"], wanted)
    claim.state, claim.wanted, claim.asked_at, claim.answer = after_state, wanted, now, answer.as_json()
    claim.offer, claim.offer_minor, claim.refusal, claim.was_silent = "", None, "", False
    claim.due_on, claim.closed_at, claim.changed_at = _day(claim.order, now) + policy.CLAIM_ANSWER, None, now
    claim.save()
    repairing.tell(claim, "shopper", "failed", now=now, remedy=wanted, text=text.strip())
    return claim


def next_law(claim: Claim) -> Any:
    """Answer what the law opens for a claim now, with what was tried."""
    order = after_sales.order_with_parts(claim.order_id)
    return claim_law.guarantee(
        claim.line, order, noticed_on=claim.noticed_on, claim=claim, serious=claim.is_serious
    )


# -- the platform acts


@transaction.atomic
def decide_claim(
    *, claim_id: int, remedy: str, decision: str, by: str, now: datetime, amount_minor: int | None = None,
    keep: bool = False,
) -> Claim:  # fmt: skip
    """Decide: a remedy is granted, or ("") the refusal is upheld; both with reasons that the shopper reads.

    :raises Invalid: without reasons, or for a remedy that nobody knows.
    """
    if not decision.strip():
        raise Invalid("Say why, in words the shopper understands.", field="decision")
    claim = locked_claim(claim_id)
    opened = claim.answer.get("answer", {}).get("remedies_open", [])
    if remedy and remedy not in (*opened, *OFFERS):
        raise Invalid("We do not know this remedy.", field="remedy")
    claim.decision, claim.decided_by = decision.strip(), by
    _step(claim, "grant" if remedy else "uphold", now, extra=["decision", "decided_by"])
    repairing.tell(
        claim,
        "platform",
        "granted" if remedy else "upheld",
        now=now,
        remedy=remedy,
        text=claim.decision,
        by=by,
    )
    if remedy:
        repairing.start(claim=claim, kind=remedy, amount_minor=amount_minor, keep=keep, by=by, now=now)
    return claim


def lapse_claims(*, today: date, now: datetime, limit: int = 500) -> int:
    """Move on what nobody answered in time: to the platform, or to rest. Return how many."""
    rows = Claim.objects.filter(state__in=["open", "offered", "refused"], due_on__lt=today).order_by(
        "due_on", "pk"
    )
    return jobs.each(rows.values_list("pk", flat=True)[:limit], lambda pk: _lapse(pk, today, now))


@transaction.atomic
def _lapse(pk: int, today: date, now: datetime) -> bool:
    claim = locked_claim(pk)
    if claim.state not in ("open", "offered", "refused") or claim.due_on is None or claim.due_on >= today:
        return False
    if claim.state == "open":
        claim.was_silent = True
        _step(claim, "lapse", now, due_on=_day(claim.order, now) + policy.CLAIM_DECIDE, extra=["was_silent"])
        repairing.tell(claim, "platform", "taken_over", now=now)
    else:
        _step(claim, "rest", now)
        repairing.tell(claim, "platform", "rested", now=now)
    return True


def decide_silent(*, today: date, now: datetime, limit: int = 500) -> int:
    """Grant by default what a silent seller owes, once the platform's own time is over. Return how many."""
    rows = Claim.objects.filter(state="escalated", was_silent=True, due_on__lt=today).order_by("due_on", "pk")
    return jobs.each(rows.values_list("pk", flat=True)[:limit], lambda pk: _default(pk, now))


@transaction.atomic
def _default(pk: int, now: datetime) -> bool:
    """Silence counts as a remedy that was not given in time, so the law opens its next step."""
    claim = locked_claim(pk)
    if claim.state != "escalated" or not claim.was_silent:
        return False
    repairing.record_silence(claim=claim, now=now)
    answer = next_law(claim)
    remedy = default_remedy(
        answer.answer["remedies_open"] or OFFERS,
        claim.wanted,
        silences=claim.remedies.filter(state="late", agreed_by="").count(),
    )
    if remedy in BY_SUM:
        return False  # a person names the sum
    claim.answer = answer.as_json()
    claim.decided_by = BY_PLATFORM
    _step(claim, "grant", now, extra=["answer", "decided_by"])
    repairing.tell(claim, "platform", "granted_by_default", now=now, remedy=remedy, by=BY_PLATFORM)
    repairing.start(claim=claim, kind=remedy, amount_minor=None, keep=False, by=BY_PLATFORM, now=now)
    return True


# -- shared


def locked_claim(claim_id: int) -> Claim:
    """Lock a claim behind its order, and return it with its order and line."""
    order_id = Claim.objects.values_list("order_id", flat=True).get(pk=claim_id)
    after_sales.lock_orders([order_id])
    rows = Claim.objects.select_for_update(of=("self",)).select_related("order__group", "line", "merchant")
    return rows.get(pk=claim_id)


def _step(
    claim: Claim, action: str, now: datetime, *, due_on: date | None = None, extra: Sequence[str] = ()
) -> None:
    claim.state = next_state(CLAIM, claim.state, action)
    claim.due_on, claim.changed_at = due_on, now
    claim.closed_at = now if claim.state in ("done", "dropped", "upheld", "resting") else None
    claim.save(update_fields=["state", "due_on", "changed_at", "closed_at", *extra])


def _day(order: Any, now: datetime) -> date:
    return now.astimezone(ZoneInfo(order.group.time_zone)).date()
