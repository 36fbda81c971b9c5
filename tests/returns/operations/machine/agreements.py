"""What must hold after every step, of everything that is seen of a sale: the shelf, the pieces, the money, the rights."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any

from orders import operations as orders
from orders.queries import after_sales
from orders.queries import law as orders_law
from returns.domain.claims import CLAIM_OPEN, ENDING
from returns.domain.exchanges import EXCHANGE_COUNTED, EXCHANGE_OPEN
from returns.domain.parts import parts_of, sum_of
from returns.domain.states import BINDING, RETURN_OPEN
from returns.operations.reckoning import differences
from returns.queries import law
from tests.returns.operations.machine.world import OTHER_STOCK, PIECES, STOCK, Look, Sale, parts_of_order

ASKED = ("requested", "paid")
GIVEN = "complaint:gesture:"  # how the key of a refund begins that the desk gives
UNPAID = ("waiting", "held", "due", "requested")


def never_left(sale: Sale, look: Look, line: Any) -> tuple[int, int]:
    """Return how many pieces of a line went back on the shelf without having left it, and how many can leave it yet."""
    variant = sale.variants[0 if line.pk == sale.lines[0].pk else -1].pk
    shelved = sum(
        int(row["delta"]) for row in look.moves if (row["variant"], row["reason"]) == (variant, "cancelled")
    )
    return shelved, line.quantity - shelved - sum(
        row["quantity"] for row in look.sent if row["line"] == line.pk
    )


def the_shelf(sale: Sale, look: Look) -> None:
    """What came back and can be sold is on the shelf once; what was sent again is off it; nothing else moved."""
    first, *others, second = (one.pk for one in sale.variants)
    own = {sale.lines[0].pk: first, sale.lines[1].pk: second}
    began = {first: STOCK - PIECES[0], second: STOCK - PIECES[1], **dict.fromkeys(others, OTHER_STOCK)}
    again = Counter(unit["variant"] or own[unit["line"]] for unit in look.units if unit["restocked_at"])
    for unit in look.units:
        if unit["restocked_at"]:
            assert (unit["reception"], unit["acceptance"]) == ("received", "accepted"), unit
            assert unit["grade"] in "AB", unit
    moved = {(row["variant"], row["reason"]): int(row["delta"]) for row in look.moves}
    put_back = {own[line.pk]: never_left(sale, look, line)[0] for line in sale.lines}
    _what_can_leave(sale, look)
    gone = Counter()
    for one in look.exchanges:
        if one["state"] == "shipped":
            gone[one["variant"]] += one["quantity"]
    for row in look.stock:
        variant = row["variant"]
        replaced = -moved.get((variant, "replaced"), 0)
        assert moved.get((variant, "returned"), 0) == again[variant], (variant, moved, again)
        assert (
            row["on_hand"]
            == began[variant] + again[variant] + put_back.get(variant, 0) - replaced - gone[variant]
        )
    replaced = -sum(count for (_variant, reason), count in moved.items() if reason == "replaced")
    sent_again = sum(
        one["quantity"] for one in look.remedies if one["kind"] == "replacement" and one["sent_at"]
    )
    by_exchange = sum(one["quantity"] for one in look.exchanges if one["state"] == "shipped" and one["claim"])
    assert replaced == sent_again - by_exchange
    _held(look)


def _what_can_leave(sale: Sale, look: Look) -> None:
    """A piece leaves, or goes back on the shelf, or can leave yet; of an order that has ended none can."""
    states = {row["state"] for row in look.order}
    can_leave = orders.left_to_ship(sale.order)
    for line in sale.lines:
        shelved, rest = never_left(sale, look, line)
        assert rest >= 0, (line.pk, shelved, rest)
        assert can_leave[line.public_id] == rest, (line.pk, can_leave, shelved, rest)
        assert rest == 0 or states == {"confirmed"}, (line.pk, states, rest)


def _held(look: Look) -> None:
    held = {row["variant"]: int(row["quantity"]) for row in look.holds}
    wanted, lapsed = Counter(), Counter()
    for one in look.exchanges:
        if one["state"] in EXCHANGE_OPEN:
            is_held = datetime.fromisoformat(one["held_until"]) > look.now
            (wanted if is_held else lapsed)[one["variant"]] += one["quantity"]
    for row in look.stock:
        assert 0 <= row["reserved"] <= row["on_hand"], row
        least, most = wanted[row["variant"]], wanted[row["variant"]] + lapsed[row["variant"]]
        assert least <= row["reserved"] == held.get(row["variant"], 0) <= most, (row, held, wanted, lapsed)


def the_pieces(sale: Sale, look: Look) -> None:
    """No piece is bound, sent back or exchanged more often than it was bought."""
    tallies = {row["line"]: row for row in look.tallies}
    for line in sale.lines:
        bound = sum(
            row["binding"] for row in look.declared if row["line"] == line.pk and row["state"] in BINDING
        )
        tally, is_cancelled = tallies.get(line.pk), look.order[0]["state"] == "cancelled"
        if tally is None:
            assert not bound
            assert not is_cancelled
            continue
        assert tally["bought"] == line.quantity
        assert 0 <= bound <= tally["withdrawn"] <= line.quantity, (bound, tally)
        if is_cancelled:  # by its seller, or piece by piece: nothing is left of the contract
            assert tally["withdrawn"] == line.quantity, tally
        elif (
            not look.late
        ):  # what claims and exchanges ended had been sent, and is counted beside declarations
            assert bound == tally["withdrawn"] - tally["ended_after"], (bound, tally)
        ends = [one for one in look.remedies if one["kind"] in ENDING]
        if not ends and not any(one["state"] in ("sold_out", "rejected") for one in look.exchanges):
            assert tally["ended_after"] == 0, tally
        assert 0 <= tally["returning"] <= line.quantity, tally
        exchanged = [
            one for one in look.exchanges if one["line"] == line.pk and one["state"] in EXCHANGE_COUNTED
        ]
        assert sum(one["quantity"] for one in exchanged) <= line.quantity
        sent = sum(row["quantity"] for row in look.sent if row["line"] == line.pk)
        assert sent <= line.quantity


def what_is_owed(sale: Sale, look: Look) -> None:
    """What is owed is what the law says of all pieces that are withdrawn from; never more than was paid."""
    live = [row for row in look.owed if row["state"] != "void"]
    own = [row for row in live if not row["payment"]]
    owed = sum(row["amount_minor"] for row in own)
    assert owed <= sale.order.total_minor, (owed, sale.order.total_minor)
    for supplement in look.supplements:
        payments = [one["public_id"] for one in look.payments if one["supplement"] == supplement["id"]]
        back = sum(row["amount_minor"] for row in live if row["payment"] in payments)
        assert back <= supplement["amount_minor"]
    for row in look.owed:
        assert sum_of(parts_of(row["parts"])) == row["amount_minor"] > 0
        assert row["due_on"] or row["state"] in ("waiting", "void", "held"), row
    whole = sale.order.total_minor if look.order[0]["state"] == "cancelled" else _by_law(sale, look)
    later = sum_of(
        part
        for row in own
        for part in parts_of(row["parts"])
        if part.kind in ("price_reduction", "difference", "compensation")
    )
    beside = any(row["kind"] in ("price_reduction", "compensation") for row in look.remedies) or later
    if beside:  # what was given for a lesser fault counts towards what the end of the contract brings
        assert whole <= max(owed, later) <= sale.order.total_minor, (whole, owed, later)
    else:
        assert owed == whole, (owed, whole)


def _by_law(sale: Sale, look: Look) -> int:
    """Return what comes back in all for what is withdrawn from, with what shipped exchanges changed of it."""
    bound = {row["line"]: row["withdrawn"] for row in look.tallies if row["withdrawn"]}
    if not bound:
        return 0
    losses = Counter()
    for row in look.losses:
        if row["state"] in ("agreed", "upheld"):
            losses[row["line"]] += row["amount_minor"]
    cheaper = any(one["state"] == "shipped" and one["difference_minor"] < 0 for one in look.exchanges)
    extra = sum_of(differences(sale.order, bound)) if cheaper else 0
    return extra + _refund(sale, tuple(sorted(bound.items())), tuple(sorted(losses.items())))


@cache
def _refund(sale: Sale, bound: tuple[tuple[int, int], ...], losses: tuple[tuple[int, int], ...]) -> int:
    shown = {line: law.Loss(amount, has_evidence=True) for line, amount in losses}
    return sum_of(law.refund_amount(sale.order, dict(bound), losses=shown)[0])


def the_payments(sale: Sale, look: Look) -> None:
    """Each refund was asked for once; never more goes back of a payment than was taken, whoever takes it back."""
    for payment in look.payments:
        refunds = [
            one for one in look.refunds if one["payment"] == payment["id"] and one["state"] != "failed"
        ]
        assert payment["refunded_minor"] == sum(one["amount_minor"] for one in refunds)
        assert payment["refunded_minor"] + payment["disputed_minor"] <= payment["captured_minor"], payment
    known = {one["public_id"]: one for one in look.refunds}
    asked = [row for row in look.owed if row["state"] in ASKED]
    assert len({row["refund"] for row in asked}) == len(asked)
    for row in asked:
        assert known[row["refund"]]["amount_minor"] == row["amount_minor"]
        assert known[row["refund"]]["state"] != "requested" or row["state"] == "requested", row
    live = [
        one
        for one in look.refunds
        if one["state"] != "failed" and not one["key"].startswith(("unplaced:", GIVEN))
    ]
    assert {one["public_id"] for one in live} <= {row["refund"] for row in look.owed}


def the_gestures(sale: Sale, look: Look) -> None:
    """What the desk gives is paid once, beside what is owed, and only what nobody had to agree to or somebody did."""
    given = {
        f"{GIVEN}{one['public_id']}": one["amount_minor"]
        for one in look.gestures
        if not one["is_dropped"] and (one["is_agreed"] or not one["needs_agreement"])
    }
    assert given == {one["key"]: one["amount_minor"] for one in look.refunds if one["key"].startswith(GIVEN)}


def the_books(sale: Sale, look: Look) -> None:
    """Every entry adds up to nothing, and the accounts say what payments, chargebacks and payouts say."""
    assert look.unbalanced == []
    done = sum(one["amount_minor"] for one in look.refunds if one["state"] == "done")
    gone = sum(one["amount_minor"] for one in look.chargebacks if one["state"] != "won")
    fees = sum(one["fee_minor"] for one in look.chargebacks)
    taken = sum(one["captured_minor"] for one in look.payments)
    assert look.sum("provider_clearing") == taken - done - gone - fees
    assert look.sum("refunds") == -sum(
        one["amount_minor"] for one in look.refunds if one["state"] == "requested"
    )
    out = {state: sum(one["amount_minor"] for one in look.payouts if one["state"] == state) for state in
           ("prepared", "sent", "accepted")}  # fmt: skip
    assert look.sum("bank") == -out["accepted"]
    assert look.sum("payouts") == -out["prepared"] - out["sent"]
    lost = sum(one["refunded_minor"] for one in look.chargebacks if one["state"] == "lost")
    assert look.sum("chargeback_losses") == lost
    for line in sale.lines:
        assert look.sum("held", line=line.pk) <= 0, line.pk


def the_rights(sale: Sale, look: Look) -> None:
    """Whoever has to act next on a claim has a day for it; what is disputed or refused can go on."""
    for claim in look.claims:
        if claim["state"] in ("open", "offered", "refused", "escalated"):
            assert claim["due_on"], claim
    for one in look.exchanges:
        if one["difference_minor"] > 0 and one["state"] in ("waiting", "ready", "shipped"):
            assert one["is_paid"], one


def why_a_line_waits(sale: Sale, look: Look, line: Any) -> set[str]:
    """Return every reason for which a line's money may not become due, reckoned from what is seen alone."""
    found = set()
    if look.order[0]["state"] != "cancelled":
        if look.order[0]["state"] != "delivered":
            found.add("not arrived")
        elif (until := may_withdraw_until(sale, look, line)) is None or until > look.now:
            found.add("the time to withdraw runs")
    rows = {
        "a claim": [one for one in look.claims if one["state"] in CLAIM_OPEN and one["line"] == line.pk],
        "a return": [
            unit
            for unit in look.units
            for ret in look.returns
            if unit["ret"] == ret["id"] and ret["state"] in RETURN_OPEN and unit["line"] == line.pk
        ],
        "an exchange": [
            one for one in look.exchanges if one["state"] in EXCHANGE_OPEN and one["line"] == line.pk
        ],
        "a refund is owed": [
            row
            for row in look.owed
            if row["state"] in UNPAID and {part["line"] for part in row["parts"]} & {line.public_id, ""}
        ],
        "a refund": [
            one for one in look.refunds if one["state"] == "requested" and one["key"].startswith("owed:")
        ],
        "a chargeback": [one for one in look.chargebacks if one["state"] == "open"],
        "a dispute": [one for one in look.declared if one["state"] == "disputed" and one["line"] == line.pk],
    }
    return found | {name for name, seen in rows.items() if seen}


def may_withdraw_until(sale: Sale, look: Look, line: Any) -> datetime | None:
    """Return the instant from which a line can no longer be withdrawn from by the law; None while none can be named."""
    return _until(sale, line, json.dumps([look.parcels, look.sent]))


@cache
def _until(sale: Sale, line: Any, _came: str) -> datetime | None:
    """Ask with what has come by now; `_came` says what that is."""
    told = orders_law.withdrawal(line.rights, after_sales.deliveries_of(parts_of_order(sale))).answer
    assert told["right_exists"]
    return datetime.fromisoformat(told["ends_at"]) if told["ends_at"] else None


ALL = (the_shelf, the_pieces, what_is_owed, the_payments, the_gestures, the_books, the_rights)
