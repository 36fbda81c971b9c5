"""What a complaint may be about: found through the apps below, with the person's right to see it."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from orders.queries.orders import find_group


@dataclass(frozen=True, slots=True)
class Subject:
    """What a complaint is about and whom it concerns; empty strings where nothing is known."""

    kind: str = "none"
    public_id: str = ""
    title: str = ""
    order: str = ""
    listing: str = ""
    merchant: str = ""
    merchant_name: str = ""
    email: str = ""
    name: str = ""
    market: str = ""
    time_zone: str = ""
    group_id: int | None = None  # of the checkout behind the buyer's link


def subject_of_order(*, token: str, order: str, line: str = "", user: User | None = None) -> Subject:
    """Return an order, or one line of it, behind the buyer's own link.

    :raises NotFound: for a link, order or line that is not theirs.
    """
    group = find_group(token=token, user=user)
    found = next((one for one in group.orders.all() if one.public_id == order), None)
    if found is None:
        raise NotFound(field="order")
    chosen = next((one for one in found.lines.all() if one.public_id == line), None)
    if line and chosen is None:
        raise NotFound(field="line")
    titles = ", ".join(one.title for one in found.lines.all())
    return Subject(
        kind="line" if chosen else "order",
        public_id=chosen.public_id if chosen else found.public_id,
        title=chosen.title if chosen else titles,
        order=found.public_id,
        listing=chosen.listing_public_id if chosen else "",
        merchant=found.merchant.public_id,
        merchant_name=found.merchant.name,
        email=group.email,
        name=group.address.get("name", ""),
        market=group.market,
        time_zone=group.time_zone,
        group_id=group.pk,
    )
