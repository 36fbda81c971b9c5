"""Writes to baskets. Nothing is held for a basket; only the shopper puts things into it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from marketplace.accounts.models import User
from marketplace.accounts.place import Place
from marketplace.kernel.errors import NotFound
from marketplace.kernel.prepared import prepared
from marketplace.kernel.written import delete_all, insert, update, update_all
from orders.domain.errors import BadQuantity, NotForSale
from orders.models import Basket, BasketLine
from orders.queries.goods import Goods, goods_of, shown_price

MOST = 999


def get_or_create_basket(*, token: str | None, user: User | None, now: datetime) -> Basket:
    """Return the open basket of an account, else of a cookie's token, else a new one.

    The caller keeps `basket.token` in the cookie.
    """
    found = find_basket(token=token, user=user)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return insert([Basket(user=user, created_at=now, changed_at=now)])[0]
    except IntegrityError:  # the same account opened one at this moment
        return Basket.objects.get(user=user, closed_at=None)


def find_basket(*, token: str | None, user: User | None) -> Basket | None:
    """Return the open basket of an account or of a token, if there is one.

    A token opens only what no account owns, or what the same account owns.
    """
    if user is not None:
        return _open_of_user.first(user.pk)
    return _open_of_guest.first(token) if token else None


@prepared
def _open_of_user(user_id: int) -> QuerySet[Basket]:
    return Basket.objects.filter(user_id=user_id, closed_at=None).order_by("pk")[:1]


@prepared
def _open_of_guest(token: str) -> QuerySet[Basket]:
    return Basket.objects.filter(token=token, user=None, closed_at=None).order_by("pk")[:1]


@transaction.atomic
def add_to_basket(*, basket_id: int, variant: str, quantity: int, place: Place, now: datetime) -> BasketLine:
    """Put so many more of a variant into the basket, at the price shown now.

    :raises NotForSale: if it cannot be bought in this market, or not that many.
    """
    basket = _lock(basket_id)
    goods = _goods(variant, place, now)
    line = _line_of.first(basket.pk, goods.variant_id)
    wanted = _checked(quantity) + (line.quantity if line else 0)
    return _write(basket, line, goods, min(wanted, MOST), place, now)


@transaction.atomic
def set_quantity(
    *, basket_id: int, variant: str, quantity: int, place: Place, now: datetime
) -> BasketLine | None:
    """Set how many of a variant are wanted; 0 takes it out and returns None."""
    if quantity == 0:
        remove_from_basket(basket_id=basket_id, variant=variant, now=now)
        return None
    basket = _lock(basket_id)
    line = basket.lines.filter(variant__public_id=variant).first()
    if line is None:
        raise NotFound(field="variant")
    return _write(basket, line, _goods(variant, place, now), _checked(quantity), place, now)


@transaction.atomic
def remove_from_basket(*, basket_id: int, variant: str, now: datetime) -> None:
    """Take a variant out of the basket; taking out what is not there is no error."""
    basket = _lock(basket_id)
    basket.lines.filter(variant__public_id=variant).delete()
    _touch(basket, now)


@transaction.atomic
def accept_changes(*, basket_id: int, place: Place, now: datetime) -> Basket:
    """Take today's prices and quantities as seen: what cannot be bought any more goes, the rest stays."""
    basket = _lock(basket_id)
    lines = list(basket.lines.select_related("variant").order_by("pk"))
    goods = _all_goods(lines, place, now)
    for line in lines:
        found = goods.get(line.variant.public_id)
        if found is None or not found.is_offered or not found.available:
            line.delete()
        else:
            _write(basket, line, found, min(line.quantity, found.available), place, now)
    return basket


@transaction.atomic
def merge_baskets(*, token: str | None, user: User, now: datetime) -> Basket:
    """Move a guest's basket into the account's at sign-in: quantities add up, the guest's one is closed."""
    guest = Basket.objects.filter(token=token, user=None, closed_at=None).first() if token else None
    own = get_or_create_basket(token=None, user=user, now=now)
    if guest is None:
        return own
    list(Basket.objects.select_for_update().filter(pk__in=[guest.pk, own.pk]).order_by("pk"))
    have = {line.variant_id: line for line in own.lines.all()}
    for line in guest.lines.order_by("pk"):
        if line.variant_id in have:
            mine = have[line.variant_id]
            mine.quantity = min(mine.quantity + line.quantity, MOST)
            mine.save(update_fields=["quantity"])
        else:
            line.pk, line._state.adding, line.basket = None, True, own
            line.save()
    guest.lines.all().delete()
    Basket.objects.filter(pk=guest.pk).update(closed_at=now, changed_at=now)
    _touch(own, now)
    return own


def take_bought(*, basket_id: int, bought: dict[str, int], now: datetime) -> None:
    """Take what became an order out of the basket; what was added meanwhile stays. Inside the placing."""
    basket = _lock(basket_id)
    lines = _lines_of(basket.pk)
    left = {line.pk: line.quantity - bought.get(line.variant.public_id, 0) for line in lines}
    delete_all(BasketLine, [pk for pk, quantity in left.items() if quantity <= 0])
    for line in lines:
        if 0 < left[line.pk] != line.quantity:
            update_all(BasketLine, [line.pk], quantity=left[line.pk])
    _touch(basket, now)


def _lock(basket_id: int) -> Basket:
    basket = _open_locked.first(basket_id)
    if basket is None:
        raise NotFound(field="basket")
    return basket


@prepared
def _open_locked(basket_id: int) -> QuerySet[Basket]:
    return Basket.objects.select_for_update().filter(pk=basket_id, closed_at=None)


@prepared
def _line_of(basket_id: int, variant_id: int) -> QuerySet[BasketLine]:
    return BasketLine.objects.filter(basket_id=basket_id, variant_id=variant_id)


def count_of(basket: Basket) -> int:
    """Return how many things are in a basket."""
    return sum(quantity for (quantity,) in _quantities(basket.pk))


@prepared
def _quantities(basket_id: int) -> QuerySet[Any]:
    return BasketLine.objects.filter(basket_id=basket_id).values_list("quantity")


@prepared
def _lines_of(basket_id: int) -> QuerySet[BasketLine]:
    return BasketLine.objects.filter(basket_id=basket_id).select_related("variant").order_by("pk")


def _touch(basket: Basket, now: datetime) -> None:
    update_all(Basket, [basket.pk], changed_at=now)


def _checked(quantity: int) -> int:
    if not 1 <= quantity <= MOST:
        raise BadQuantity(field="quantity", quantity=quantity)
    return quantity


def _goods(variant: str, place: Place, now: datetime) -> Goods:
    found = goods_of(
        [variant], market=place.market, language=place.language, currency=place.currency, on=now.date()
    )
    if variant not in found:
        raise NotFound(field="variant")
    return found[variant]


def _all_goods(lines: list[BasketLine], place: Place, now: datetime) -> dict[str, Goods]:
    return goods_of(
        [line.variant.public_id for line in lines],
        market=place.market, language=place.language, currency=place.currency, on=now.date(),
    )  # fmt: skip


def _write(
    basket: Basket, line: BasketLine | None, goods: Goods, quantity: int, place: Place, now: datetime
) -> BasketLine:
    """Write a line as it was read under the basket's lock, so that nobody else writes it in between."""
    if not goods.is_offered:
        raise NotForSale(field="variant", variant=goods.variant, market=place.market)
    if goods.available < quantity:
        raise NotForSale(
            "There are not that many left.",
            field="quantity",
            variant=goods.variant,
            available=goods.available,
        )
    price = shown_price(goods, market=place.market, on=now.date())
    line = line or BasketLine(basket=basket, variant_id=goods.variant_id, added_at=now)
    line.quantity, line.seen_market = quantity, place.market
    line.seen_price_minor, line.seen_currency = price.minor, price.currency
    if line.pk is None:
        insert([line])
    else:
        update(line, "quantity", "seen_market", "seen_price_minor", "seen_currency")
    _touch(basket, now)
    return line
