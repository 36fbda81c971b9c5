"""What one unit costs a shopper: landed, with its prior price and its unit price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from catalog.domain import landed
from catalog.domain.landed import Landing, Rates, Taxed
from catalog.domain.prices import Recorded, history_facts, spans, unit_price
from catalog.models import PriceRecord, ShippingRate
from catalog.queries.views import PriceView
from compliance import rulebook
from compliance.rulebook import lookups
from compliance.rulebook.rates import RateMissing, convert_money
from compliance.rulebook.types import Answer
from marketplace.kernel.money import Money
from marketplace.kernel.prepared import Statement

if TYPE_CHECKING:
    from marketplace.accounts.place import Place

MOST_DAYS = 64  # days and generations whose rates are kept
EDGE = timedelta(days=400)  # no law looks further back than that for a prior price


@dataclass(frozen=True, slots=True)
class Priced:
    """One offer to be priced for a shopper."""

    key: int  # what the answer is filed under: a listing's or a variant's id
    variant_id: int
    asked: Money
    includes_tax: bool
    thing: Taxed
    merchant_id: int
    merchant: str  # public id
    reduced_from: datetime | None = None
    published_at: datetime | None = None
    quantity: Mapping[str, str] | None = None
    quantity_base: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The cheapest way a merchant sends one unit to a market, in the shopper's currency."""

    code: str
    price: Money
    min_days: int
    max_days: int
    free_from: Money | None = None

    def price_for(self, goods: Money) -> Money:
        return Money.zero(goods.currency) if self.free_from and self.free_from <= goods else self.price


def landed_for(
    priced: Sequence[Priced], place: Place, on: date, *, in_detail: bool = False, fx: Rates | None = None
) -> dict[int, PriceView]:
    """Return the price of each offer in a place, by its key; offers that are not sent there are left out.

    Two queries (three when something is reduced, one less with known rates), however many offers there are.
    """
    fx = exchange_rates(on) if fx is None else fx
    services = cheapest_services({one.merchant_id for one in priced}, place, fx)
    history = _history([one for one in priced if one.reduced_from])
    found = {}
    for one in priced:
        service = services.get(one.merchant_id)
        view = service and _price(one, service, history, place, on, fx, in_detail)
        if view:
            found[one.key] = view
    return found


_RATES = Statement(
    "catalog.exchange_rates",
    "SELECT DISTINCT ON (currency) 'EUR/' || currency, rate FROM catalog_exchangerate WHERE \"on\" <= %s"
    ' ORDER BY currency, "on" DESC',
)


def exchange_rates(on: date) -> dict[str, Decimal]:
    """Return the newest reference rates known on a day, as {"EUR/USD": rate}. One query."""
    return dict(_RATES([on]))


_known_rates: dict[tuple[date, str], dict[str, Decimal]] = {}


def rates_of(on: date, generation: str) -> Mapping[str, Decimal]:
    """Return the reference rates of a day as `exchange_rates` does, read once per process and generation.

    The generation is read with what is to be priced (`OnSale.rates`), so that rates are never older than the goods.
    """
    known = _known_rates.get((on, generation))
    if known is None:
        known = exchange_rates(on)
        if len(_known_rates) >= MOST_DAYS:
            _known_rates.clear()
        _known_rates[on, generation] = known
    return known


def cheapest_services(merchant_ids: Iterable[int], place: Place, fx: Rates) -> dict[int, Service]:
    """Return each merchant's cheapest way to a market; the market's own rates before its country's. One query."""
    rows = ShippingRate.objects.filter(
        merchant_id__in=set(merchant_ids), market__in={place.market, place.market[:2]}
    )
    found: dict[int, tuple[tuple[bool, int], Service]] = {}
    for row in rows.order_by("pk"):
        try:
            service = service_of(row, place.currency, fx)
        except RateMissing:
            continue
        order = (row.market != place.market, service.price.minor)
        if row.merchant_id not in found or order < found[row.merchant_id][0]:
            found[row.merchant_id] = (order, service)
    return {merchant_id: service for merchant_id, (_, service) in found.items()}


def service_of(row: ShippingRate, currency: str, fx: Rates) -> Service:
    """Return a merchant's rate as a service in a currency."""
    free = Money(row.free_from_minor, row.currency) if row.free_from_minor is not None else None
    return Service(
        row.service,
        convert_money(Money(row.price_minor, row.currency), currency, fx),
        row.min_days,
        row.max_days,
        convert_money(free, currency, fx) if free else None,
    )


def _history(priced: Sequence[Priced]) -> dict[tuple[int, str], list[Recorded]]:
    """Return the price records behind reduced offers. One query, none if nothing is reduced."""
    if not priced:
        return {}
    rows = PriceRecord.objects.filter(
        variant_id__in=[one.variant_id for one in priced], currency__in={one.asked.currency for one in priced}
    ).order_by("variant_id", "valid_from", "pk")
    found: dict[tuple[int, str], list[Recorded]] = defaultdict(list)
    for row in rows:
        found[row.variant_id, row.currency].append(Recorded(row.valid_from, row.price_minor, row.kind))
    return found


def _price(
    one: Priced, service: Service, history: Mapping[tuple[int, str], list[Recorded]], place: Place, on: date,
    fx: Rates, in_detail: bool,
) -> PriceView | None:  # fmt: skip
    try:
        net = landed.net_of(
            one.asked, includes_tax=one.includes_tax, thing=one.thing, currency=place.currency, on=on, fx=fx
        )
    except RateMissing:
        return None
    shown = landed.shown_of(net, place.currency, thing=one.thing, market=place.market, on=on)
    shipping = service.price_for(shown)
    answer = landed.land(Landing(one.thing, place.market, on, shown, net, shipping), fx)
    if answer.answer["state"] == "not_deliverable":
        return None
    prior = _prior(one, history.get((one.variant_id, one.asked.currency), []), place, on)
    return _view(one, answer, shown, service, prior, place, on, fx, in_detail)


def _view(
    one: Priced, answer: Answer, shown: Money, service: Service, prior: Answer | None, place: Place, on: date,
    fx: Rates, in_detail: bool,
) -> PriceView:  # fmt: skip
    told, currency = answer.answer, place.currency
    parts = {
        name: Money.of(told[name], currency) for name in ("goods", "shipping", "duty", "tax", "fees", "total")
    }
    border = _at_border(told, parts, currency)
    unit = unit_price(shown, dict(one.quantity or {}), dict(one.quantity_base) if one.quantity_base else None)
    detail = (
        {"explain": answer.explain, "rulings": _rulings(answer, prior), "landed": told} if in_detail else {}
    )
    return PriceView(
        shown=shown,
        **parts,
        at_checkout=parts["total"] - border,
        at_border=border,
        state=told["state"],
        certain=told["certain"],
        reasons=tuple(told["reasons"]),
        importer=told["importer_of_record"],
        who_collects=told["who_collects"],
        min_days=service.min_days,
        max_days=service.max_days,
        service=service.code,
        **_prior_fields(one, prior, place, on, fx),
        unit=unit[0] if unit else None,
        unit_label=unit[1] if unit else "",
        **detail,
    )


def _at_border(told: Mapping[str, Any], parts: Mapping[str, Money], currency: str) -> Money:
    """Return what is not collected at checkout."""
    border = Money.zero(currency)
    for name in ("duty", "tax"):
        if not told["collectors"][name].endswith("_at_checkout"):
            border += parts[name]
    for fee in told["fee_lines"]:
        if not fee["who_collects"].endswith("_at_checkout"):
            border += Money.of(fee["amount"], currency)
    return border


def _rulings(answer: Answer, prior: Answer | None) -> tuple[dict[str, Any], ...]:
    return tuple(ruling.as_json() for ruling in (*answer.rulings, *(prior.rulings if prior else ())))


def _prior(one: Priced, records: list[Recorded], place: Place, on: date) -> Answer | None:
    """Ask the law for the prior price of a reduction, in the currency in which it is offered."""
    if one.reduced_from is None or not records:
        return None
    return rulebook.answer("prior_price", prior_facts(one, records, place.market, _zone(place.market)))


def _zone(market: str) -> str:
    found = lookups.locale(market)
    return found.time_zone if found else "UTC"


def prior_facts(one: Priced, records: list[Recorded], market: str, zone: str) -> dict[str, Any]:
    """Return the facts of ``prior_price`` for a reduced offer: its own history in this shop and currency."""
    assert one.reduced_from is not None
    return prior_facts_of(one.asked, one.reduced_from, records, seller=one.merchant, market=market, zone=zone)


def prior_facts_of(
    price: Money, start: datetime, records: list[Recorded], *, seller: str, market: str, zone: str
) -> dict[str, Any]:
    """Return the facts of ``prior_price`` for a price that is reduced from an instant on."""
    recent = [span for span in spans(records) if span.valid_until is None or span.valid_until > start - EDGE]
    return {
        "market": market,
        "channel": "online",
        "seller": seller,
        "currency": price.currency,
        "history": history_facts(recent, price.currency),
        "reduction_from": day_in(start, zone),
        "new_price": str(price.amount),
        "first_offered_on": day_in(records[0].valid_from, zone),
    }


def day_in(moment: datetime, zone: str) -> str:
    """Return the day of an instant in a time zone, in ISO form."""
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def _prior_fields(one: Priced, prior: Answer | None, place: Place, on: date, fx: Rates) -> dict[str, Any]:
    """Return the prior price as this market shows prices; the percentage is the law's, never rounded up."""
    told = prior.answer if prior else {}
    if not told.get("prior_price"):
        return {}
    asked = Money.of(told["prior_price"], one.asked.currency)
    net = landed.net_of(
        asked, includes_tax=one.includes_tax, thing=one.thing, currency=place.currency, on=on, fx=fx
    )
    window, percent = told.get("window"), told.get("largest_percent_to_show")
    return {
        "prior": landed.shown_of(net, place.currency, thing=one.thing, market=place.market, on=on),
        "prior_from": date.fromisoformat(window["from"]) if window else None,
        "prior_to": date.fromisoformat(window["to"]) if window else None,
        "percent_off": int(Decimal(str(percent))) if percent else None,
    }
