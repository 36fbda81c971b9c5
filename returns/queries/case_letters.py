"""Letters about a case: which may be sent now, as they would read, and which were sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from compliance.texts import with_law
from marketplace.kernel.errors import NotFound
from returns.documents.claim_words import letter_in_words, letter_title
from returns.domain.case_letters import body_of, digest_of, names_for
from returns.domain.states import BINDING
from returns.models import CaseLetter, Return, Withdrawal


@dataclass(frozen=True, slots=True)
class Case:
    """What a letter is about: kind, number, order (with group and merchant), things, page.

    Kinds: claim, withdrawal, exchange; and of a withdrawal of which nothing goes back withdrawal_kept (the contract has
    ended), withdrawal_late and withdrawal_refused (it has not).
    """

    kind: str
    number: str
    order: Any
    products: tuple[str, ...]
    language: str
    page: str
    concluded_on: date


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as it would read: in the shopper's language, its legal figures with their sources."""

    template: str
    name: str
    language: str
    title: str
    body: str
    seen: str


def case_of_claim(claim: Any) -> Case:
    """Return the case of a claim (with its order, group, line and merchant)."""
    return Case(
        "claim", claim.public_id, claim.order, (claim.line.title,), claim.language,
        reverse("claim", args=[claim.token]), _concluded(claim.order),
    )  # fmt: skip


def case_of_return(ret: Any) -> Case | None:
    """Return the case that a return (with its order, group, merchant and lines) belongs to; None for no known one."""
    if ret.reason not in ("withdrawal", "claim", "exchange"):
        return None
    declared = (
        Withdrawal.objects.filter(public_id=ret.subject).first() if ret.reason == "withdrawal" else None
    )
    titles = tuple(dict.fromkeys(line.line.title for line in ret.lines.all()))
    return Case(
        ret.reason, ret.subject or ret.public_id, ret.order, titles,
        declared.language if declared else ret.order.group.language,
        reverse("return", args=[ret.token]), _concluded(ret.order),
    )  # fmt: skip


def case_of_withdrawal(declared: Withdrawal, order: Any) -> Case | None:
    """Return the case of what a withdrawal (with its lines) means for one order (with group and merchant).

    Where something goes back it is the return's. None where the withdrawal names nothing of the order.
    """
    rows = [row for row in declared.lines.all() if row.line.order_id == order.pk]
    if not rows:
        return None
    ret = returns_with_lines().filter(subject=declared.public_id, order=order).exclude(state="cancelled")
    found = ret.order_by("pk").first()
    if found is not None:
        return case_of_return(found)
    ended = [row for row in rows if row.state in BINDING]
    kind = "withdrawal_kept" if ended else "withdrawal_refused"
    if not ended and all(row.ground == "late" for row in rows):
        kind = "withdrawal_late"
    titles = tuple(dict.fromkeys(row.line.title for row in ended or rows))
    return Case(
        kind, declared.public_id, order, titles, declared.language,
        reverse("withdrawal", args=[declared.token]), _concluded(order),
    )  # fmt: skip


def returns_with_lines() -> QuerySet[Return]:
    """Return the returns with what a case needs of them."""
    return Return.objects.select_related("order__group", "order__merchant", "merchant").prefetch_related(
        "lines__line"
    )


def _concluded(order: Any) -> date:
    day: date = order.concluded_at.date()
    return day


def drafts_for(case: Case) -> list[Draft]:
    """Return the letters that may be sent about a case; one whose law does not exist there is left out."""
    found = (_draft(case, name) for name in names_for(case.kind))
    return [one for one in found if one is not None]


def draft_of(case: Case, template: str) -> Draft:
    """Return one letter as it would read.

    :raises NotFound: for one that does not fit the case, or whose law does not exist where the shopper lives.
    """
    found = _draft(case, template) if template in names_for(case.kind) else None
    if found is None:
        raise NotFound(field="letter")
    return found


def _draft(case: Case, name: str) -> Draft | None:
    group = case.order.group
    text, language = body_of(name, case.language)
    values = {
        "name": group.address.get("name", ""), "number": case.number, "order": case.order.public_id,
        "product": ", ".join(case.products), "seller": case.order.merchant.name,
    }  # fmt: skip
    body = with_law(text, values, market=group.market, language=language, on=case.concluded_on)
    if body is None:
        return None
    body = body.strip()
    with translation.override(language):
        title = letter_title(case.kind, case.number)
    return Draft(name, letter_in_words(name), language, title, body, digest_of(f"{title}\n{body}"))


def letters_view(case: Case | None, *, url: str, at: str = "", of_order: bool = False) -> dict[str, Any]:
    """Return what a case's page shows of letters: those that may be sent, and those that were.

    :param url: the name of the address at which one is looked at, with the page's own number (`at`) or the case's.
    :param of_order: the address names the order as well, because a withdrawal may be of several.
    """
    if case is None:
        return {"offered": [], "sent": letters_of([at])}
    where = [at or case.number, *([case.order.public_id] if of_order else [])]
    return {
        "offered": [
            {"name": one.name, "url": reverse(url, args=[*where, one.template])} for one in drafts_for(case)
        ],
        "sent": letters_of(dict.fromkeys([case.number, at])),
    }


def letters_of(subjects: Iterable[str]) -> list[CaseLetter]:
    """Return the letters about cases (their public ids), oldest first. One query."""
    wanted = [one for one in subjects if one]
    return list(CaseLetter.objects.filter(subject__in=wanted).order_by("written_at", "pk"))
