"""Open questions of a case that the platform may answer: of which part, what it is worth in money, what is lawful now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.kernel.errors import NotFound
from returns.domain.claims import BY_SUM, CLAIM, ENDING, OFFERS
from returns.domain.states import DECLARED, LOSS, may
from returns.models import Claim, ValueLoss, WithdrawalLine


@dataclass(frozen=True, slots=True)
class Question:
    """What the platform may decide. `key` is the row's; `line` the order line of a declaration.

    `worth_minor` is what the shopper gets in money if it is granted as an end of the contract.
    """

    kind: str  # claim, declared, loss
    key: int
    line: str
    order_id: int
    order: str
    currency: str
    worth_minor: int
    may_grant: bool
    may_uphold: bool
    remedies: tuple[str, ...] = ()  # of a claim: those that may be granted

    def worth_of(self, remedy: str, amount_minor: int | None) -> int:
        """Return what granting costs in money: a repair or another piece costs none."""
        if self.kind != "claim" or remedy in ENDING:
            return self.worth_minor
        return (amount_minor or 0) if remedy in BY_SUM else 0


def question_of(case: str, part: str = "") -> Question:
    """Return the question of a case (its public id) and its part: an order line, or a loss of value.

    :raises NotFound: if there is no such case or part.
    """
    ask = {"CL": _claim, "W": _declared, "RT": _loss}.get(case.partition("-")[0])
    found = ask(case, part) if ask else None
    if found is None:
        raise NotFound(field="case")
    return found


def _claim(case: str, part: str) -> Question | None:
    row = Claim.objects.select_related("line", "order").filter(public_id=case).first()
    if row is None or part:
        return None
    opened = row.answer.get("answer", {}).get("remedies_open", [])
    return _question(
        "claim", row.pk, row.line, row.order, row.quantity, may(CLAIM, row.state, "grant"), may(CLAIM, row.state, "uphold"),
        remedies=tuple(dict.fromkeys([*opened, *OFFERS])),
    )  # fmt: skip


def _declared(case: str, part: str) -> Question | None:
    rows = WithdrawalLine.objects.select_related("line__order")
    row = rows.filter(withdrawal__public_id=case, line__public_id=part).first()
    if row is None:
        return None
    grant, uphold = may(DECLARED, row.state, "grant"), may(DECLARED, row.state, "uphold")
    return _question("declared", row.withdrawal_id, row.line, row.line.order, row.quantity, grant, uphold)


def _loss(case: str, part: str) -> Question | None:
    row = (
        ValueLoss.objects.select_related("return_line__line__order")
        .filter(return_line__ret__public_id=case, public_id=part)
        .first()
    )
    if row is None:
        return None
    line = row.return_line.line
    drop = (
        may(LOSS, row.state, "drop") and row.state != "claimed"
    )  # until it is answered it is the shopper's turn
    return Question(
        "loss", row.pk, line.public_id, line.order_id, line.order.public_id, row.currency, row.amount_minor,
        drop, may(LOSS, row.state, "uphold"),
    )  # fmt: skip


def _question(
    kind: str,
    key: int,
    line: Any,
    order: Any,
    pieces: int,
    may_grant: bool,
    may_uphold: bool,
    *,
    remedies: tuple[str, ...] = (),
) -> Question:
    worth = line.total_minor * pieces // line.quantity
    return Question(
        kind, key, line.public_id, order.pk, order.public_id, line.currency, worth, may_grant, may_uphold, remedies
    )  # fmt: skip
