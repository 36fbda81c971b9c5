"""Orders as the API finds them: by the secret of a link, or among a merchant's own."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from marketplace.accounts.models import Merchant, User
from marketplace.kernel.errors import Invalid, NotFound
from orders.models import Order, OrderGroup, Parcel


def group_by_token(token: str, *, user: User | None) -> OrderGroup:
    """Return the order group behind a token; one that an account owns opens for that account alone.

    :raises NotFound: for everybody else.
    """
    orders = Order.objects.select_related("merchant").prefetch_related("lines", "parcels__lines__line")
    found = (
        OrderGroup.objects.filter(token=token)
        .prefetch_related(Prefetch("orders", orders.order_by("pk")))
        .first()
    )
    if found is None or (found.user_id and (user is None or user.pk != found.user_id)):
        raise NotFound(field="order")
    return found


def own_orders(merchant: Merchant, *, state: str | None, after: str, limit: int) -> tuple[list[Order], str]:
    """Return a merchant's orders, the newest first, and the cursor of the next page ("" at the end).

    A merchant's numbers have no gaps and never come twice: the number is the cursor.
    """
    rows = _own(merchant)
    if state:
        rows = rows.filter(state=state)
    if after:
        if not (after.isascii() and after.isdigit() and len(after) < 10):
            raise Invalid("This cursor is not one of ours.", field="after")
        rows = rows.filter(number__lt=int(after))
    found = list(rows.order_by("-number")[: limit + 1])
    return found[:limit], str(found[limit - 1].number) if len(found) > limit else ""


def own_order(merchant: Merchant, public_id: str) -> Order:
    """Return one of a merchant's orders.

    :raises NotFound: if it is not theirs.
    """
    found = _own(merchant).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("You have no such order.", field="order")
    return found


def own_parcel(merchant: Merchant, public_id: str) -> Parcel:
    """Return one of a merchant's parcels.

    :raises NotFound: if it is not theirs.
    """
    rows = Parcel.objects.prefetch_related("lines__line")
    found = rows.filter(order__merchant=merchant, public_id=public_id).first()
    if found is None:
        raise NotFound("You have no such parcel.", field="parcel")
    return found


def _own(merchant: Merchant) -> QuerySet[Order]:
    rows = Order.objects.filter(merchant=merchant).select_related("group", "merchant")
    return rows.prefetch_related("lines", "parcels__lines__line")
