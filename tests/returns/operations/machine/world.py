"""The orders a run begins with, and one look at everything that belongs to the one it has chosen.

All runs share the orders: each works inside a savepoint that is rolled back at its end, so that a run costs its own
steps alone. One statement reads all rows; the law's answers are kept, since the same question has the same answer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from catalog.models import Listing, Offer, Stock, StockMovement, Variant
from compliance import rulebook
from marketplace.kernel import clock, outbox
from marketplace.kernel.models import Event
from orders import operations as orders
from orders.models import Order
from orders.queries import after_sales
from returns import subscribers
from tests.complaints.factories import make_agent, make_order_ticket
from tests.orders.factories import load_rates
from tests.returns import factories
from tests.returns.factories import BOUGHT, DE, GB, make_merchant, make_variant

STOCK, PRICE, OTHER_STOCK = 10, 1200, 3
PIECES = (3, 1)  # of two different things
OTHERS = (1500, 1200, 900)  # what can be had instead of the first: dearer, the same, cheaper
FOUR_EYES = 500  # what the desk gives in passing above this sum a colleague agrees to
IBAN = "FR7630006000011234567890189"

ROWS = {
    "order": "SELECT state FROM orders_order WHERE id = %(order)s",
    "parcels": "SELECT id, state, delivered_at FROM orders_parcel WHERE order_id = %(order)s ORDER BY id",
    "sent": "SELECT p.line_id AS line, p.quantity, b.state FROM orders_parcelline p JOIN orders_parcel b ON b.id = p.parcel_id"
    " WHERE b.order_id = %(order)s",
    "stock": "SELECT variant_id AS variant, on_hand, reserved FROM catalog_stock WHERE variant_id = ANY(%(variants)s)",
    "moves": "SELECT variant_id AS variant, reason, sum(delta) AS delta FROM catalog_stockmovement"
    " WHERE variant_id = ANY(%(variants)s) GROUP BY 1, 2",
    "holds": "SELECT variant_id AS variant, sum(quantity) AS quantity FROM catalog_stockreservation"
    " WHERE variant_id = ANY(%(variants)s) AND state = 'held' GROUP BY 1",
    "withdrawals": "SELECT id, public_id, state FROM returns_withdrawal WHERE group_id = %(group)s ORDER BY id",
    "declared": "SELECT l.id, l.withdrawal_id AS withdrawal, l.line_id AS line, l.quantity, l.binding, l.state, l.ground"
    " FROM returns_withdrawalline l JOIN returns_withdrawal w ON w.id = l.withdrawal_id WHERE w.group_id = %(group)s ORDER BY l.id",
    "tallies": 'SELECT line_id AS line, bought, withdrawn, ended_after, "returning" FROM returns_linetally WHERE line_id = ANY(%(lines)s)',
    "returns": "SELECT id, public_id, state, reason, subject FROM returns_return WHERE order_id = %(order)s ORDER BY id",
    "units": "SELECT u.id, u.public_id, l.ret_id AS ret, l.line_id AS line, u.variant_id AS variant, u.reception, u.acceptance,"
    " u.grade, u.resellable, u.restocked_at FROM returns_returnunit u JOIN returns_returnline l ON l.id = u.return_line_id"
    " JOIN returns_return r ON r.id = l.ret_id WHERE r.order_id = %(order)s ORDER BY u.id",
    "owed": "SELECT id, subject, state, amount_minor, payment, refund, due_on, parts FROM returns_owedrefund"
    " WHERE order_id = %(order)s ORDER BY id",
    "losses": "SELECT v.id, v.state, v.amount_minor, l.line_id AS line FROM returns_valueloss v"
    " JOIN returns_returnline l ON l.id = v.return_line_id JOIN returns_return r ON r.id = l.ret_id"
    " WHERE r.order_id = %(order)s ORDER BY v.id",
    "claims": "SELECT id, public_id, line_id AS line, quantity, state, wanted, offer, due_on, answer FROM returns_claim"
    " WHERE order_id = %(order)s ORDER BY id",
    "remedies": "SELECT m.id, m.claim_id AS claim, m.kind, m.state, m.sent_at, c.quantity, c.line_id AS line"
    " FROM returns_claimremedy m JOIN returns_claim c ON c.id = m.claim_id WHERE c.order_id = %(order)s ORDER BY m.id",
    "exchanges": "SELECT id, public_id, line_id AS line, variant_id AS variant, quantity, state, claim_id AS claim, is_paid,"
    " difference_minor, supplement, held_until FROM returns_exchange WHERE order_id = %(order)s ORDER BY id",
    "late": "SELECT id, public_id, state FROM returns_latedelivery WHERE order_id = %(order)s ORDER BY id",
    "supplements": "SELECT id, public_id, state, amount_minor FROM orders_supplement WHERE order_id = %(order)s ORDER BY id",
    "payments": "SELECT id, public_id, purpose, state, amount_minor, captured_minor, refunded_minor, disputed_minor, provider_ref, is_surplus,"
    " supplement_id AS supplement FROM orders_payment WHERE group_id = %(group)s ORDER BY id",
    "refunds": "SELECT r.id, r.public_id, r.payment_id AS payment, r.state, r.amount_minor, r.key FROM orders_refund r"
    " JOIN orders_payment p ON p.id = r.payment_id WHERE p.group_id = %(group)s ORDER BY r.id",
    "chargebacks": "SELECT c.id, c.provider_ref, c.payment_id AS payment, c.state, c.amount_minor, c.refunded_minor, c.fee_minor"
    " FROM orders_chargeback c JOIN orders_payment p ON p.id = c.payment_id WHERE p.group_id = %(group)s ORDER BY c.id",
    "gestures": "SELECT g.id, g.public_id, g.amount_minor, g.needs_agreement, g.agreed_by_id IS NOT NULL AS is_agreed,"
    " g.dropped_at IS NOT NULL AS is_dropped FROM complaints_gesture g JOIN complaints_ticket t ON t.id = g.ticket_id"
    ' JOIN orders_order o ON o.public_id = t."order" WHERE o.id = %(order)s ORDER BY g.id',
    "payouts": "SELECT id, state, amount_minor FROM orders_payout WHERE merchant_id = %(merchant)s ORDER BY id",
    "unbalanced": "SELECT entry_id FROM orders_posting WHERE id > %(posting)s GROUP BY entry_id HAVING sum(amount_minor) <> 0",
    "books": "SELECT a.kind, p.part, p.line_id AS line, e.payment_id AS payment, sum(p.amount_minor) AS amount FROM orders_posting p"
    " JOIN orders_ledgeraccount a ON a.id = p.account_id JOIN orders_ledgerentry e ON e.id = p.entry_id"
    " WHERE p.line_id = ANY(%(lines)s) OR e.payment_id IN (SELECT id FROM orders_payment WHERE group_id = %(group)s)"
    " OR e.payout_id IN (SELECT id FROM orders_payout WHERE merchant_id = %(merchant)s) GROUP BY 1, 2, 3, 4",
}
ASKED = {"order": "bigint", "group": "bigint", "merchant": "bigint", "posting": "bigint",
         "lines": "bigint[]", "variants": "bigint[]"}  # fmt: skip
LOOK = "PREPARE look({}) AS SELECT json_build_object({})".format(
    ", ".join(ASKED.values()),
    ", ".join(
        f"'{name}', (SELECT coalesce(json_agg(t), '[]') FROM ({query}) t)" for name, query in ROWS.items()
    )
    % {name: f"${number}" for number, name in enumerate(ASKED, start=1)},
)


@dataclass(frozen=True, eq=False)
class Sale:
    """An order of two things as a run finds it."""

    group: Any
    order: Any
    lines: tuple[Any, ...]
    variants: tuple[Any, ...]  # of the first thing; then those to be had instead; then of the second
    ticket: str  # a complaint about the order, on which the desk may give something
    began_at: datetime
    posting: int  # the last one before


class Look:
    """Every row that belongs to a sale, as plain values."""

    def __init__(self, sale: Sale, now: datetime) -> None:
        self.now = now
        asked = {
            "order": sale.order.pk,
            "group": sale.group.pk,
            "merchant": sale.order.merchant_id,
            "lines": [line.pk for line in sale.lines],
            "variants": [one.pk for one in sale.variants],
            "posting": sale.posting,
        }
        with connection.cursor() as cursor:
            cursor.execute("EXECUTE look(%s, %s, %s, %s, %s, %s)", [asked[name] for name in ASKED])
            found = cursor.fetchone()[0]
        self.rows: dict[str, list[dict[str, Any]]] = found if isinstance(found, dict) else json.loads(found)

    def __getattr__(self, name: str) -> list[dict[str, Any]]:
        try:
            return self.rows[name]
        except KeyError:
            raise AttributeError(name) from None

    def sum(self, account: str, **where: Any) -> int:
        """Return the balance of an account of the books, of the postings that are so."""
        return sum(
            row["amount"]
            for row in self.books
            if row["kind"] == account and all(row[name] == value for name, value in where.items())
        )


@dataclass
class World:
    """The sales that runs begin with, the time that this process believes it is, and what runs did."""

    sales: dict[str, Sale] = field(default_factory=dict)
    desk: tuple[int, ...] = ()  # two who work at it, as users
    now: datetime = BOUGHT
    did: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    runs: int = 0


def make_sales() -> dict[str, Sale]:
    """Return an order that arrived, one of which nothing was sent, and one that arrived in another country."""
    return {
        "arrived": _sale(DE, arrives=True),
        "unsent": _sale(DE, arrives=False),
        "abroad": _sale(GB, arrives=True),
    }


def _sale(place: Any, *, arrives: bool) -> Sale:
    merchant = make_merchant()
    orders.set_bank_account(merchant_id=merchant.pk, holder="S", number=IBAN, given_by="t", now=BOUGHT)
    first, second = (make_variant(merchant, price=PRICE, stock=STOCK) for _ in PIECES)
    others = [_other(first, price, number) for number, price in enumerate(OTHERS)]
    group = factories.buy([(first, PIECES[0]), (second, PIECES[1])], place=place)
    order = group.orders.get()
    now = BOUGHT + timedelta(hours=1)
    if arrives:
        now = factories.ARRIVED
        factories.deliver(order)
    order = Order.objects.get(pk=order.pk)
    lines = {line.variant_id: line for line in order.lines.all()}
    ticket = make_order_ticket(order, market=order.group.market).public_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM orders_posting")
        (posting,) = cursor.fetchone()
    return Sale(
        group, order, (lines[first.pk], lines[second.pk]), (first, *others, second), ticket, now, posting
    )


def _other(variant: Variant, price: int, number: int) -> Variant:
    Listing.objects.filter(pk=variant.listing_id).update(option_names=["Size"])
    made = Variant.objects.create(
        listing=variant.listing, merchant=variant.merchant, sku=f"{variant.sku}-{number}", options=[f"L{number}"]
    )  # fmt: skip
    Offer.objects.create(variant=made, currency=variant.merchant.currency, price_minor=price)
    Stock.objects.create(variant=made, on_hand=OTHER_STOCK)
    StockMovement.objects.create(variant=made, delta=OTHER_STOCK, reason="set", at=BOUGHT)
    return made


class _Silent:
    """Letters that nobody writes."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda **_: None


@contextmanager
def inhabited(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with sales in it, whose clock is the machine's, whose letters are not written."""
    load_rates()
    world = World()
    monkeypatch.setattr(clock, "now", lambda: _tick(world))
    monkeypatch.setattr(settings, "COMPLAINTS_FOUR_EYES_MINOR", {"EUR": FOUR_EYES})
    for name in ("letters", "claim_letters", "exchange_letters", "catalog"):
        monkeypatch.setattr(subscribers, name, _Silent())
    monkeypatch.setattr(rulebook, "answer", _remembering(rulebook.answer))
    world.sales, world.desk = make_sales(), (make_agent().user_id, make_agent().user_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = 'look'")
        if not cursor.fetchone()[0]:
            cursor.execute(LOOK)
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan; ANALYZE")
    Event.objects.all().delete()
    yield world


def _tick(world: World) -> datetime:
    world.now += timedelta(microseconds=1)
    return world.now


def _remembering(ask: Callable[[str, dict[str, Any]], Any]) -> Callable[[str, dict[str, Any]], Any]:
    known: dict[str, Any] = {}

    def answer(question: str, facts: dict[str, Any]) -> Any:
        key = question + json.dumps(facts, sort_keys=True, default=str)
        if key not in known:
            if len(known) > 200_000:
                known.clear()
            known[key] = ask(question, facts)
        return known[key]

    return answer


def tell_news(*, twice: bool, limit: int) -> int:
    """Bring this app's news to whom it concerns, oldest first; return how much. `twice`: as a relay that died would."""
    told = 0
    news = Event.objects.filter(fanned_out_at=None).order_by("recorded_at")
    for event in list(news[:limit]):
        for name, told_to in sorted(outbox.SUBSCRIBERS.get(event.name, {}).items()):
            if name.startswith("returns."):
                for _ in range(2 if twice else 1):
                    told_to(event.payload, event.pk)
        event.fanned_out_at = event.recorded_at
        event.save(update_fields=["fanned_out_at"])
        told += 1
    return told


def parts_of_order(sale: Sale) -> Any:
    """Return the order with its lines and parcels."""
    return after_sales.order_with_parts(sale.order.pk)


__all__ = [
    "OTHERS", "PIECES", "STOCK", "Look", "Sale", "World", "inhabited", "parts_of_order", "tell_news",
]  # fmt: skip
