"""From baskets, checkouts and orders to what the API says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rulebook.types import Answer
from marketplace.accounts.api.base import minor, money
from orders.domain.consents import WORDINGS, ConsentNeeded
from orders.domain.quote import PARTS
from orders.models import Checkout, Order, OrderGroup, OrderLine, Parcel, Payment
from orders.operations import Outcome
from orders.operations.withheld import withheld_of
from orders.queries import law
from orders.queries.baskets import BasketView, Change, LineView
from orders.queries.checkouts import CheckoutView, consent_in_words

SUMS = (*PARTS, "total", "border")


def amounts(row: Any, currency: str) -> dict[str, Any]:
    """Return the sums of a row or of a piece of a quote."""
    get = row.get if isinstance(row, Mapping) else lambda name: getattr(row, name)
    return {name: minor(get(f"{name}_minor"), currency) for name in SUMS}


def basket(view: BasketView) -> dict[str, Any]:
    """Return what is in a basket and what it costs here."""
    return {
        "token": view.token,
        "count": view.count,
        "sellers": [
            {
                "merchant": seller.merchant,
                "name": seller.name,
                "country": seller.country,
                "lines": [basket_line(line) for line in seller.lines],
                "goods": money(seller.goods),
            }
            for seller in view.sellers
        ],
        "changes": [_change(change) for change in view.changes],
        "goods": money(view.goods),
        "landed": amounts(view.quote, view.quote["currency"]) if view.quote else None,
        "problem": view.quote_problem,
        "may_check_out": view.may_check_out,
    }


def basket_line(line: LineView) -> dict[str, Any]:
    """Return one line of a basket."""
    return {
        "variant": line.variant,
        "listing": line.listing,
        "title": line.title,
        "options": _options(line.options),
        "quantity": line.quantity,
        "unit_price": money(line.unit),
        "sum": money(line.sum),
        "may_buy": line.may_buy,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "variant": change.variant,
        "title": change.title,
        "what": change.what,
        "seen": money(change.seen) if change.seen else None,
        "now": money(change.now) if change.now else None,
        "wanted": change.wanted,
        "available": change.available,
    }


def _options(options: Iterable[Any]) -> list[dict[str, str]]:
    return [{"name": str(name), "value": str(value)} for name, value in options]


def checkout(found: Checkout, view: CheckoutView) -> dict[str, Any]:
    """Return a checkout: what is written down, what it costs, what is missing."""
    group = OrderGroup.objects.filter(checkout=found).first()
    return {
        "token": found.token,
        "state": view.state,
        "market": view.market,
        "language": view.language,
        "currency": view.currency,
        "email": view.email,
        "address": view.address or None,
        "shipping": view.shipping,
        "consents": [_consent(one, view) for one in view.consents],
        "missing": list(view.missing),
        "may_order": view.may_order,
        "order_button": view.button,
        "payment_methods": list(view.payment_methods),
        "expires_at": view.expires_at,
        "quote": _quote(view.quote, view.quote_digest) if view.quote else None,
        "payment": view.payment,
        "order": group.token if group else None,
    }


def _quote(quote: Mapping[str, Any], digest: str) -> dict[str, Any]:
    currency = quote["currency"]
    return {
        "digest": digest,
        "on": quote["on"],
        "rulebook": quote["rulebook"],
        "consignments": [_consignment(part, currency) for part in quote["consignments"]],
        "amounts": amounts(quote, currency),
    }


def _consignment(part: Mapping[str, Any], currency: str) -> dict[str, Any]:
    same = ("merchant", "merchant_name", "ship_from", "service", "deliver_from", "deliver_by")
    return {name: part[name] for name in same} | {
        "services": [{**one, "price": minor(one["price_minor"], currency)} for one in part["services"]],
        "lines": [
            {
                **{name: line[name] for name in ("variant", "listing", "title", "quantity")},
                "unit_price": minor(line["unit_minor"], currency),
                "amounts": amounts(line, currency),
            }
            for line in part["lines"]
        ],
        "amounts": amounts(part, currency),
        "steps": part["landed"]["explain"],
        "rulings": part["landed"]["rulings"],
    }


def outcome(told: Outcome) -> dict[str, Any]:
    """Return where the press of the order button led."""
    return {
        "kind": told.kind,
        "order": told.group.token if told.group else None,
        "payment": payment(told.payment),
    }


def _consent(one: ConsentNeeded, view: CheckoutView) -> dict[str, Any]:
    text, language = consent_in_words(one, view.language)
    return {
        "variant": one.variant,
        "kind": one.kind,
        "ground": one.ground,
        "text": text,
        "language": language,
        "version": WORDINGS[one.kind].version,
        "given": (one.variant, one.kind) in view.given,
    }


def payment(row: Payment) -> dict[str, Any]:
    """Return a payment as its shopper may see it."""
    return {"public_id": row.public_id, "state": row.state, "failure": row.failure, "action": row.action}


def group(found: OrderGroup) -> dict[str, Any]:
    """Return what one checkout bought, with parcels, the frozen law, and the rights that run."""
    return {
        "public_id": found.public_id,
        "placed_at": found.placed_at,
        "market": found.market,
        "currency": found.currency,
        "address": found.address,
        "amounts": amounts(found, found.currency),
        "orders": [_order(order, found) for order in found.orders.all()],
    }


def _order(order: Order, of: OrderGroup) -> dict[str, Any]:
    return {
        "public_id": order.public_id,
        "number": order.number,
        "state": order.state,
        "merchant": order.merchant.public_id,
        "merchant_name": order.merchant.name,
        "concluded_at": order.concluded_at,
        "deliver_from": order.deliver_from.isoformat() if order.deliver_from else None,
        "deliver_by": order.deliver_by.isoformat() if order.deliver_by else None,
        "amounts": amounts(order, order.currency),
        "lines": [_line(line) | {"rights": _rights(line, order, of)} for line in order.lines.all()],
        "parcels": [parcel(one) for one in order.parcels.all()],
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "public_id": line.public_id,
        "listing": line.listing_public_id,
        "sku": line.sku,
        "title": line.title,
        "options": _options(line.options),
        "quantity": line.quantity,
        "unit_price": minor(line.unit_price_minor, line.currency),
        "amounts": amounts(line, line.currency),
        "rulings": line.rulings,
    }


def _rights(line: OrderLine, order: Order, of: OrderGroup) -> list[dict[str, Any]]:
    """Return the rights on a line by the parcels that have arrived; none on what was cancelled."""
    if order.state == Order.State.CANCELLED or not line.rights:
        return []
    parcels = list(order.parcels.all())
    arrived = [_delivery(one, len(parcels)) for one in parcels if one.delivered_at]
    found = [_right("withdrawal", law.withdrawal(line.rights, arrived))]
    if order.delivered_at and law.binds_seller(line.rights):
        day = order.delivered_at.astimezone(ZoneInfo(of.time_zone)).date().isoformat()
        found.append(_right("guarantee", law.guarantee(line.rights, delivered_on=day)))
    return found


def _delivery(one: Parcel, count: int) -> dict[str, Any]:
    at = one.delivered_at.isoformat() if one.delivered_at else ""
    return {"received_at": at, "part": "item" if count > 1 else "single", "received_by": one.received_by}


def _right(key: str, answer: Answer) -> dict[str, Any]:
    said = answer.as_json()
    return {"key": key, "answer": said["answer"], "steps": said["explain"], "rulings": said["rulings"]}


def parcel(one: Parcel) -> dict[str, Any]:
    """Return a parcel with what is in it."""
    return {
        "public_id": one.public_id,
        "state": one.state,
        "carrier": one.carrier,
        "tracking_number": one.tracking_number,
        "shipped_at": one.shipped_at,
        "delivered_at": one.delivered_at,
        "received_by": one.received_by,
        "lines": [
            {"line": row.line.public_id, "quantity": row.quantity, "batch": row.batch, "serials": row.serials}
            for row in one.lines.all()
        ],
    }


def own_orders(orders: Sequence[Order]) -> list[dict[str, Any]]:
    """Return orders as their merchant sees them: where they go and what is still to be sent."""
    unwanted = withheld_of(orders)
    return [own_order(order, unwanted) for order in orders]


def own_order(order: Order, unwanted: Mapping[str, int]) -> dict[str, Any]:
    """Return one of them; `unwanted` are the pieces that are not to be sent any more, by the line's public id."""
    return {
        "public_id": order.public_id,
        "number": order.number,
        "state": order.state,
        "concluded_at": order.concluded_at,
        "deliver_by": order.deliver_by.isoformat() if order.deliver_by else None,
        "shipping_service": order.shipping_service,
        "market": order.group.market,
        "language": order.group.language,
        "address": order.group.address,
        "amounts": amounts(order, order.currency),
        "lines": [_line(line) for line in order.lines.all()],
        "left_to_ship": _left_to_ship(order, unwanted),
        "parcels": [parcel(one) for one in order.parcels.all()],
    }


def _left_to_ship(order: Order, unwanted: Mapping[str, int]) -> dict[str, int]:
    """Return how many of each line have to leave yet, from what was fetched with the order."""
    left = {line.public_id: line.quantity - unwanted.get(line.public_id, 0) for line in order.lines.all()}
    for row in (row for one in order.parcels.all() for row in one.lines.all()):
        left[row.line.public_id] -= row.quantity
    return {line: max(count, 0) for line, count in left.items()}
