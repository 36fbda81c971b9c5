"""Placing an order: one atomic, idempotent command.

Lock order: the command's key, the checkout, the payment, the stock (in the catalogue), the number
sequences by name, the basket. What is slow and needs no lock is read before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from catalog import operations as catalogue
from catalog.domain.errors import ReservationLost
from catalog.queries import rights
from compliance.rulebook import lookups
from marketplace.accounts.models import Merchant
from marketplace.kernel import commands, outbox
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from marketplace.kernel.prepared import Statement, prepared
from marketplace.kernel.written import insert, update
from orders.domain import snapshot
from orders.domain.commission import commission_of
from orders.domain.errors import CheckoutClosed, PaymentNotReady, QuoteChanged
from orders.domain.quote import PARTS, Quote
from orders.domain.states import CHECKOUT, next_state
from orders.events import GroupPlaced, OrderConfirmed, OrderPlaced, PaymentChanged
from orders.models import (
    Checkout,
    ContractSnapshot,
    Order,
    OrderGroup,
    OrderLine,
    Payment,
)
from orders.operations import books
from orders.operations.baskets import take_bought
from orders.operations.checkouts import checkout_locked, holder_of
from orders.queries import law
from orders.queries.checkouts import order_button
from orders.queries.contracts import Promised, promised_of, terms_version

Secure = Callable[[Checkout], Payment | None]
# what a provider tells of a payment, and what follows from it at once
TOLD = ("provider_ref", "state", "failure", "action", "captured_minor", "is_surplus", "changed_at")
READY = (Payment.State.AUTHORISED, Payment.State.CAPTURED)
_NEXT = Statement(
    "orders.next_number",
    "INSERT INTO orders_sequence AS s (name, last) VALUES (%s, 1)"
    " ON CONFLICT (name) DO UPDATE SET last = s.last + 1 RETURNING last",
)
SUMS = (*(f"{part}_minor" for part in PARTS), "total_minor", "border_minor")


@dataclass(frozen=True, slots=True)
class Placed:
    """An order group, and the payment it was placed with by this very call; None if it stood already."""

    group: OrderGroup
    payment: Payment | None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What was read before the locks were taken."""

    promised: Mapping[str, Promised]  # by variant
    merchants: Mapping[str, Merchant]
    ids: Mapping[str, int]
    zone: str
    button: str


def place_order(*, checkout_id: int, quote_digest: str, key: str, now: datetime) -> OrderGroup:
    """Turn a checkout whose payment is authorised into one order per merchant, exactly once.

    Under the same key, or for a checkout that was placed already, the same order group comes back.

    :raises QuoteChanged: if `quote_digest` is not what the shopper committed to when paying.
    :raises PaymentNotReady: if no payment is authorised.
    :raises CheckoutClosed: if it expired or was abandoned.
    :raises OutOfStock: if goods were lost in the meantime (a hold that lapsed and was given away).
    """
    checkout = _checkout.first(checkout_id)
    if checkout is None:
        raise NotFound(field="checkout")
    return place_seen(checkout, quote_digest=quote_digest, key=key, now=now).group


def place_seen(
    checkout: Checkout, *, quote_digest: str, key: str, now: datetime, secure: Secure | None = None
) -> Placed:
    """Place the order of a checkout that was read a moment ago; as `place_order` else.

    What is decided is decided on what the locks give; the row seen only says what to read before. `secure` is asked
    for the payment whose money has just been secured, under the checkout's lock: the order and the news of its
    payment are written together.
    """
    prepared = _prepare(checkout) if checkout.state == Checkout.State.PAYING else None
    made: list[Placed] = []

    def place() -> str:
        made.append(_place(checkout.pk, quote_digest, prepared, now, secure))
        return made[0].group.public_id

    public_id = commands.run_once(
        scope=f"orders.place:{checkout.public_id}", key=key, payload={"quote": quote_digest}, command=place
    )
    return made[0] if made else Placed(OrderGroup.objects.get(public_id=public_id), None)


@prepared
def _checkout(checkout_id: int) -> QuerySet[Checkout]:
    return Checkout.objects.filter(pk=checkout_id)


@prepared
def _ready_locked(checkout_id: int) -> QuerySet[Payment]:
    ready = Payment.objects.select_for_update().filter(state__in=READY, group=None)
    return ready.filter(checkout_id=checkout_id).order_by("pk")[:1]


def _prepare(checkout: Checkout) -> _Prepared:
    known = lookups.locale(checkout.market)
    time_zone = known.time_zone if known else "UTC"
    promised = promised_of(
        [line["variant"] for line in checkout.lines],
        market=checkout.market,
        language=checkout.language,
        currency=checkout.currency,
        time_zone=time_zone,
    )
    return _Prepared(
        promised=promised,
        merchants={one.merchant.public_id: one.merchant for one in promised.values()},
        ids={variant: one.variant_id for variant, one in promised.items()},
        zone=time_zone,
        button=order_button(checkout.market, checkout.language, checkout.created_at),
    )


def _place(
    checkout_id: int,
    quote_digest: str,
    prepared: _Prepared | None,
    now: datetime,
    secure: Secure | None,
) -> Placed:
    """Do the work under the locks."""
    checkout = checkout_locked(checkout_id)[0]
    if checkout.state == Checkout.State.PLACED:
        return Placed(checkout.group, None)
    if checkout.state != Checkout.State.PAYING:
        raise CheckoutClosed(state=checkout.state)
    if checkout.quote_digest != quote_digest:
        raise QuoteChanged(digest=checkout.quote_digest, total_minor=checkout.quote["total_minor"])
    secured = secure(checkout) if secure else None
    payment = _ready_payment(checkout, secured)
    prepared = prepared or _prepare(checkout)
    _take_stock(checkout, prepared.ids, now)
    group = _create_group(checkout, payment, prepared, now)
    payment.group, payment.checkout, payment.changed_at = group, checkout, now
    update(payment, "group", *(TOLD if secured else ("changed_at",)))
    orders = [
        _create_order(group, checkout, part, prepared, payment, now)
        for part in checkout.quote["consignments"]
    ]
    checkout.state = next_state(CHECKOUT, checkout.state, "place")
    update(checkout, "state")
    bought = {line["variant"]: line["quantity"] for line in checkout.lines}
    take_bought(basket_id=checkout.basket_id, bought=bought, now=now)
    if payment.state == Payment.State.CAPTURED:
        books.post(books.sale_drafts(orders, now), now=now)
    _tell(group, orders, payment, checkout.quote, now, is_news=secured is not None)
    return Placed(group, payment)


def _ready_payment(checkout: Checkout, secured: Payment | None) -> Payment:
    payment = secured or _ready_locked.first(checkout.pk)
    if payment is None or payment.amount_minor != checkout.quote["total_minor"]:
        raise PaymentNotReady(checkout=checkout.public_id)
    return payment


def _take_stock(checkout: Checkout, ids: Mapping[str, int], now: datetime) -> None:
    """Take what was held; what lapsed meanwhile is asked for again, in the same transaction."""
    wanted = {ids[line["variant"]]: line["quantity"] for line in checkout.lines if line["variant"] in ids}
    holder = holder_of(checkout)
    if len(wanted) < len(checkout.lines):
        raise ReservationLost(holder=holder)
    try:
        catalogue.take_reservation(holder=holder, reference=checkout.public_id, now=now, wanted=wanted)
    except ReservationLost:
        catalogue.reserve_stock(holder=holder, items=sorted(wanted.items()), until=now, now=now)
        catalogue.take_reservation(holder=holder, reference=checkout.public_id, now=now)


def _create_group(checkout: Checkout, payment: Payment, prepared: _Prepared, now: datetime) -> OrderGroup:
    group = OrderGroup(
        checkout=checkout,
        user_id=checkout.user_id,
        email=checkout.email,
        market=checkout.market,
        language=checkout.language,
        currency=checkout.currency,
        time_zone=prepared.zone,
        address=checkout.address,
        placed_at=now,
        **{name: checkout.quote[name] for name in SUMS},
    )
    return insert([group])[0]


def _create_order(
    group: OrderGroup,
    checkout: Checkout,
    part: dict[str, Any],
    prepared: _Prepared,
    payment: Payment,
    now: datetime,
) -> Order:
    merchant = prepared.merchants[part["merchant"]]
    is_paid = payment.state == Payment.State.CAPTURED
    order = Order(
        group=group,
        merchant=merchant,
        number=next_number(f"order:{merchant.public_id}"),
        state=Order.State.CONFIRMED if is_paid else Order.State.AWAITING_PAYMENT,
        currency=group.currency,
        shipping_service=part["service"],
        standard_shipping_minor=part["standard_shipping_minor"],
        landed=part["landed"],
        concluded_at=now,
        deliver_from=date.fromisoformat(part["deliver_from"]),
        deliver_by=date.fromisoformat(part["deliver_by"]),
        **{name: part[name] for name in SUMS},
    )
    insert([order])
    lines = [
        _line(order, position, quoted, checkout, prepared, now)
        for position, quoted in enumerate(part["lines"], start=1)
    ]
    insert(lines)
    _freeze(order, group, merchant, part, lines, prepared, payment, now)
    return order


def _line(
    order: Order,
    position: int,
    quoted: dict[str, Any],
    checkout: Checkout,
    prepared: _Prepared,
    now: datetime,
) -> OrderLine:
    promised = prepared.promised[quoted["variant"]]
    consent = checkout.consents.get(quoted["variant"], {})
    where = {"market": checkout.market, "time_zone": prepared.zone, "confirmed": tuple(consent)}
    facts = rights.contract_facts(promised.terms, **where) | {"concluded_at": now.isoformat()}
    card = rights.rights_on(promised.terms, **where, on=now.date(), delivered_by=order.deliver_by)
    merchant = order.merchant
    taken = commission_of(
        goods=Money(quoted["goods_minor"], order.currency),
        seller=merchant.kind,
        seller_country=merchant.country,
        vat_id=merchant.vat_id,
        home=settings.MARKETPLACE_COUNTRY,
        category=promised.category,
        on=now.date(),
    )
    return OrderLine(
        order=order,
        position=position,
        variant_id=prepared.ids[quoted["variant"]],
        listing_public_id=quoted["listing"],
        sku=promised.sku,
        gtin=promised.gtin,
        title=promised.title,
        options=[list(pair) for pair in promised.options],
        category=promised.category,
        condition=promised.condition,
        hs_code=promised.hs_code,
        origin=promised.origin,
        quantity=quoted["quantity"],
        currency=order.currency,
        unit_price_minor=quoted["unit_minor"],
        tax_rate=quoted["tax_percent"],
        prior_price=promised.prior_price,
        rulings=law.rulings_of(line.answer for line in card),
        rights=facts | rights.facts_beside(promised.terms) | {"card": law.card_content(card)},
        consent=consent,
        snapshot=promised.content,
        commission_minor=taken.amount_minor,
        commission_tax_minor=taken.tax_minor,
        commission=dict(taken.because),
        **{name: quoted[name] for name in SUMS},
    )


def _freeze(
    order: Order,
    group: OrderGroup,
    merchant: Merchant,
    part: dict[str, Any],
    lines: list[OrderLine],
    prepared: _Prepared,
    payment: Payment,
    now: datetime,
) -> None:
    terms = {
        line.position: prepared.promised[q["variant"]].terms
        for line, q in zip(lines, part["lines"], strict=True)
    }
    content = {
        "version": snapshot.VERSION,
        "order": {
            "number": order.number,
            "public_id": order.public_id,
            "group": group.public_id,
            "concluded_at": now.isoformat(),
            "market": group.market,
            "language": group.language,
            "currency": group.currency,
            "time_zone": group.time_zone,
            "button": prepared.button,
        },
        "marketplace": {"name": settings.SITE_NAME, "url": settings.SITE_URL},
        "seller": seller_card(merchant),
        "buyer": {"email": group.email, "address": group.address},
        "lines": [_line_content(line) for line in lines],
        "totals": {name: part[name] for name in SUMS},
        "delivery": {
            "service": part["service"],
            "carrier": part["carrier"],
            "from": part["deliver_from"],
            "by": part["deliver_by"],
            "ship_from": part["ship_from"],
        },
        "landed": part["landed"],
        "payment": {"provider": payment.provider},
        "final_screen": {
            "quantities": {str(line.position): line.quantity for line in lines},
            "total_minor": group.total_minor,
            "payment": {"means": payment.provider, "time": "with_the_order"},
            "delivered_by": part["deliver_by"],
            "held_until": group.checkout.expires_at.isoformat(),
            "returns": {str(position): one.voluntary_days for position, one in terms.items()},
        },
        "law": {"texts": law.texts_of(group.market, group.language, now.date())},
        "terms_version": terms_version(),
    }
    frozen = ContractSnapshot(
        order=order,
        content=content,
        digest=snapshot.digest_of(content),
        terms_version=terms_version(),
        rulebook_version=group.checkout.quote["rulebook"],
        made_at=now,
    )
    insert([frozen])


SELLER_FIELDS = (
    "public_id", "name", "legal_name", "kind", "street", "postcode", "city", "region", "country", "email", "phone",
    "register_name", "register_number", "vat_id", "eori", "verified_by", "complaints_address",
)  # fmt: skip


def seller_card(merchant: Merchant) -> dict[str, Any]:
    """Return who sells, as it stood when the contract was made."""
    card: dict[str, Any] = {name: getattr(merchant, name) for name in SELLER_FIELDS}
    card["verified_at"] = merchant.verified_at.isoformat() if merchant.verified_at else None
    return card


def _line_content(line: OrderLine) -> dict[str, Any]:
    return {
        "position": line.position,
        "public_id": line.public_id,
        "listing": line.listing_public_id,
        "title": line.title,
        "options": line.options,
        "sku": line.sku,
        "gtin": line.gtin,
        "condition": line.condition,
        "quantity": line.quantity,
        "unit_minor": line.unit_price_minor,
        "tax_percent": line.tax_rate,
        **{name: getattr(line, name) for name in SUMS},
        "promised": line.snapshot,
        "rights": line.rights,
        "rulings": line.rulings,
        "prior_price": line.prior_price,
        "consent": line.consent,
    }


def next_number(name: str) -> int:
    """Return the next number of a series without gaps; its row stays locked until the transaction ends.

    :raises RuntimeError: outside a transaction, where a gap could arise.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A number without gaps is taken in the transaction that uses it.")
    return int(_NEXT([name])[0][0])


def _tell(
    group: OrderGroup, orders: list[Order], payment: Payment, quote: Quote, now: datetime, *, is_news: bool
) -> None:
    news: list[Any] = [PaymentChanged(payment.public_id, payment.state)] if is_news else []
    for order, part in zip(orders, quote["consignments"], strict=True):
        listings = tuple(dict.fromkeys(line["listing"] for line in part["lines"]))
        news.append(
            OrderPlaced(
                order.public_id, group.public_id, part["merchant"], group.market, listings, order.concluded_at
            )
        )
        if order.state == Order.State.CONFIRMED:
            news.append(OrderConfirmed(order.public_id, part["merchant"]))
    outbox.publish_all([*news, GroupPlaced(group.public_id, now)])
