"""What a complaint may be about: found through the apps below, with the person's right to see it."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.domain.voice import SHOWN
from catalog.operations.moderation import find_content, listing_of
from catalog.queries import shop
from compliance.enforcement.queries import find_measure
from marketplace.accounts.models import Merchant, User
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


def subject_named(public_id: str, *, topic: str = "", language: str = "en") -> Subject:
    """Return what anybody may complain about by its public id: a listing, a seller, something said, a measure of ours.

    About something said it is about our decision on it where `topic` says so.

    :raises NotFound: for an id of nothing, and for a listing or seller that is not shown.
    """
    find = _NAMED.get(public_id.partition("-")[0])
    if find is None:
        raise NotFound(field="about")
    return find(public_id, topic, language)


def _listing(public_id: str, _topic: str, language: str) -> Subject:
    found = shop.full_listing(public_id)
    texts = {one.language: one.title for one in found.texts.all()}
    title = texts.get(language) or texts.get("en") or next(iter(texts.values()), found.code)
    seller = found.merchant
    return Subject(
        kind="listing", public_id=public_id, title=title, listing=public_id, merchant=seller.public_id,
        merchant_name=seller.name,
    )  # fmt: skip


def _seller(public_id: str, _topic: str, _language: str) -> Subject:
    sold = (Merchant.Status.ACTIVE, Merchant.Status.SUSPENDED)
    found = Merchant.objects.filter(public_id=public_id, status__in=sold).first()
    if found is None:
        raise NotFound(field="about")
    return Subject(
        kind="merchant", public_id=public_id, title=found.name, merchant=public_id, merchant_name=found.name
    )


def _said(public_id: str, topic: str, _language: str) -> Subject:
    found = find_content(public_id)
    listing = listing_of(found)
    shown = (getattr(found, "title", "") or found.text)[:120] if found.state in SHOWN else public_id
    return Subject(
        kind="decision" if topic == "decision" else "review", public_id=public_id, title=shown,
        listing=listing.public_id, merchant=listing.merchant.public_id, merchant_name=listing.merchant.name,
    )  # fmt: skip


def _measure(public_id: str, _topic: str, _language: str) -> Subject:
    found = find_measure(public_id)
    if found is None:
        raise NotFound(field="about")
    return Subject(kind="decision", public_id=public_id, title=public_id)


_NAMED = {"L": _listing, "M": _seller, "RV": _said, "QU": _said, "QA": _said, "SR": _measure}


def subject_of_order(
    *, token: str, order: str, line: str = "", parcel: str = "", user: User | None = None
) -> Subject:
    """Return an order, one line or one parcel of it, behind the buyer's own link.

    :raises NotFound: for a link, order, line or parcel that is not theirs.
    """
    group = find_group(token=token, user=user)
    found = next((one for one in group.orders.all() if one.public_id == order), None)
    if found is None:
        raise NotFound(field="order")
    chosen = next((one for one in found.lines.all() if one.public_id == line), None)
    if line and chosen is None:
        raise NotFound(field="line")
    sent = next((one for one in found.parcels.all() if one.public_id == parcel), None)
    if parcel and sent is None:
        raise NotFound(field="parcel")
    titles = ", ".join(one.title for one in found.lines.all())
    return Subject(
        kind="line" if chosen else "parcel" if sent else "order",
        public_id=chosen.public_id if chosen else sent.public_id if sent else found.public_id,
        title=chosen.title if chosen else f"{sent.public_id}: {titles}" if sent else titles,
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
