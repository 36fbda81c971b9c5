"""Claims and late deliveries as shoppers, sellers and the platform see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.kernel.errors import NotFound
from orders.queries.extras import Extras, ExtraStep, NextThing
from returns.documents.claim_words import claim_state_in_words, kind_in_words
from returns.documents.words import in_words
from returns.domain.claims import BY_GOODS, CLAIM, CLAIM_OPEN, CLAIM_STATES, LATE_OPEN
from returns.domain.states import may
from returns.models import Claim, ClaimFile, ClaimNote, ClaimRemedy, DelayNotice, LateDelivery

PAGE = 50
STATES = CLAIM_STATES
STEP = {
    "open": "current", "offered": "current", "refused": "problem", "resting": "problem", "escalated": "current",
    "upheld": "problem", "remedying": "current", "done": "done", "dropped": "done",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promise:
    """A guarantee that the seller or the producer gave beyond the law, as it was told before the purchase."""

    by: str  # seller, producer
    months: int


def promises_of(line: Any) -> tuple[Promise, ...]:
    """Return the commercial guarantees of a line, from what was frozen with the contract."""
    said: Mapping[str, Any] = line.snapshot.get("disclosures") or {}
    found = []
    seller = line.rights.get("voluntary_months") or said.get("guarantee_months")
    for by, months in (("seller", seller), ("producer", said.get("durability_guarantee_months"))):
        if str(months or "").isdigit() and int(str(months)) > 0:
            found.append(Promise(by, int(str(months))))
    return tuple(found)


def find_claim(token: str) -> Claim:
    """Return a claim behind its secret link.

    :raises NotFound: for everybody else.
    """
    found = _whole().filter(token=token).first() if token else None
    if found is None:
        raise NotFound(field="claim")
    return found


def claim_of_merchant(public_id: str, merchant_ids: Sequence[int] | None) -> Claim:
    """Return a claim by its public id, if it is against one of these merchants; None: whoever it is against.

    :raises NotFound: for others it does not exist.
    """
    rows = _whole().filter(public_id=public_id)
    if merchant_ids is not None:
        rows = rows.filter(merchant_id__in=list(merchant_ids))
    found = rows.first()
    if found is None:
        raise NotFound(field="claim")
    return found


def file_of(claim: Claim, pk: int) -> ClaimFile:
    """Return a file of a claim by its key.

    :raises NotFound: for a file of another one.
    """
    found = next((one for one in claim.files.all() if one.pk == pk), None)
    if found is None:
        raise NotFound(field="file")
    return found


def _whole() -> QuerySet[Claim]:
    return Claim.objects.select_related("order__group", "line", "merchant").prefetch_related(
        "files",
        Prefetch("notes", queryset=ClaimNote.objects.order_by("at", "pk")),
        Prefetch("remedies", queryset=ClaimRemedy.objects.select_related("ret").order_by("number")),
    )


def claims_inbox(merchant_id: int, *, state: str = "", after: int | None = None) -> list[Claim]:
    """Return a page of a merchant's claims: what is due first in order of its day, or one state, newest first."""
    rows = Claim.objects.filter(merchant_id=merchant_id).select_related("order", "line")
    if state:
        rows = rows.filter(state=state).order_by("-filed_at", "-pk")
        return list(rows[:PAGE])
    return list(rows.filter(state__in=CLAIM_OPEN).order_by("due_on", "pk")[:PAGE])


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    rows: tuple[Claim, ...]
    after: tuple[str, int] | None  # the cursor of the last row, if there are more


def claims_page(
    merchant_id: int, *, state: str = "", after: tuple[str, int] | None = None, limit: int = PAGE
) -> ClaimsPage:
    """Return a page of a merchant's claims, the newest first; one query by an index, whatever their number."""
    rows = Claim.objects.filter(merchant_id=merchant_id).select_related("order", "line")
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        at, pk = after
        rows = rows.filter(filed_at__lte=at).filter(Q(filed_at__lt=at) | Q(pk__lt=pk))
    found = list(rows.order_by("-filed_at", "-pk")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return ClaimsPage(tuple(found[:limit]), (last.filed_at.isoformat(), last.pk) if last else None)


def seller_may(claim: Claim) -> tuple[str, ...]:
    """Return what the seller can do about a claim (with its remedies) now: accept, offer, refuse, send."""
    answers = tuple(step for step in ("accept", "offer", "refuse") if may(CLAIM, claim.state, step))
    sends = any(one.state == "due" and one.kind in BY_GOODS for one in claim.remedies.all())
    return (*answers, "send") if sends else answers


def claims_to_decide() -> list[Claim]:
    """Return what waits for the platform, the nearest day first."""
    rows = Claim.objects.filter(state="escalated").select_related("order", "line", "merchant")
    return list(rows.order_by("due_on", "pk")[:PAGE])


def claims_of_line(line_id: int) -> list[Claim]:
    """Return the claims of an order line, newest first."""
    return list(Claim.objects.filter(line_id=line_id).order_by("-filed_at", "-pk"))


def late_of_merchant(merchant_id: int) -> list[LateDelivery]:
    """Return late deliveries of a merchant that are open, oldest first."""
    rows = LateDelivery.objects.filter(merchant_id=merchant_id, state__in=LATE_OPEN).select_related("order")
    return list(rows.order_by("opened_at", "pk")[:PAGE])


def late_cases(order_id: int) -> list[LateDelivery]:
    """Return all cases of an order with their notices, oldest first."""
    notices = Prefetch("notices", queryset=DelayNotice.objects.order_by("sent_at", "pk"))
    return list(LateDelivery.objects.filter(order_id=order_id).prefetch_related(notices).order_by("pk"))


def extras_of(group_id: int, token: str, language: str) -> Extras:
    """Return what an order's page shows of claims and late deliveries; three queries, whatever its size."""
    claims = list(
        Claim.objects.filter(order__group_id=group_id)
        .select_related("order", "line")
        .order_by("filed_at", "pk")
    )
    late = list(
        LateDelivery.objects.filter(order__group_id=group_id)
        .select_related("order")
        .prefetch_related("notices")
        .order_by("pk")
    )
    steps = [*(_claimed(one) for one in claims), *(_late(one, token) for one in late)]
    things = [*_answers(claims, language), *_delays(late, token)]
    return Extras(tuple(steps), tuple(things))


def _claimed(one: Claim) -> ExtraStep:
    detail = f"{kind_in_words(one.kind)}: {claim_state_in_words(one.state)}"
    url = reverse("claim", args=[one.token])
    return ExtraStep(one.order.public_id, _("Claim"), STEP[one.state], one.filed_at, detail, url)


def _late(one: LateDelivery, token: str) -> ExtraStep:
    label, state = {
        "open": (_("Late"), "problem"), "extended": (_("One more period set"), "current"),
        "cancelled": (_("Ended, because it did not come"), "done"), "arrived": (_("Arrived late"), "done"),
    }[one.state]  # fmt: skip
    url = reverse("late", args=[token, one.order.public_id])
    return ExtraStep(one.order.public_id, label, state, one.ended_at or one.opened_at, one.public_id, url)


def _answers(claims: Iterable[Claim], language: str) -> Iterable[NextThing]:
    for one in claims:
        if one.state in ("offered", "refused"):
            text = _("The seller answered your claim. Say what you think by %(day)s.") % {
                "day": in_words(one.due_on, language)
            }
            yield NextThing(
                one.order.public_id, text, reverse("claim", args=[one.token]), _("Answer"), rank=12
            )


def _delays(late: Iterable[LateDelivery], token: str) -> Iterable[NextThing]:
    for one in late:
        if one.state in LATE_OPEN and any(notice.reply == "none" for notice in one.notices.all()):
            url = reverse("late", args=[token, one.order.public_id])
            yield NextThing(
                one.order.public_id, _("The seller tells of a delay."), url, _("Agree or cancel"), rank=8
            )


def is_due(claim: Claim, today: date) -> bool:
    """Tell whether somebody should have acted by now."""
    return claim.state in CLAIM_OPEN and claim.due_on is not None and claim.due_on < today
