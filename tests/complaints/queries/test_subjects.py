"""What a complaint may be about: everything that has a page here, and nothing that is not shown."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog import operations as catalog
from catalog.models import Listing, Review
from complaints.models import Ticket
from complaints.queries.subjects import subject_named
from marketplace.accounts.models import Merchant
from marketplace.kernel.errors import NotFound
from tests.complaints.factories import NOW, make_order

pytestmark = pytest.mark.django_db
SAID = {"body": "It says leather and is plastic.", "name": "Ada", "email": "ada@example.com"}


def make_review() -> Review:
    line = make_order().lines.get()
    one = catalog.ReceivedLine("LN-1", line.listing_public_id, None, "ada@example.com", "en", NOW)
    catalog.invite_reviewers(received=[one], now=NOW)
    return catalog.write_review(line="LN-1", said=catalog.Said(4, "Fine", "Good.", "Ada", "en"), now=NOW)


def complain(**given: str) -> Ticket:
    answer = Client().post("/complain", {**SAID, **given})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return Ticket.objects.get()


def facts(ticket: Ticket) -> tuple[str, ...]:
    return ticket.about_kind, ticket.about, ticket.listing, ticket.merchant


def test_a_listing():
    listing = Listing.objects.get(public_id=make_order().lines.get().listing_public_id)
    page = Client().get("/complain", {"about": listing.public_id}).content.decode()
    ticket = complain(about=listing.public_id, topic="listing")
    assert (listing.merchant.name in page, facts(ticket)) == (
        True, ("listing", listing.public_id, listing.public_id, listing.merchant.public_id),
    )  # fmt: skip


def test_a_seller():
    seller = make_order().merchant
    ticket = complain(about=seller.public_id, topic="merchant")
    assert facts(ticket) == ("merchant", seller.public_id, "", seller.public_id)


def test_a_parcel_behind_the_buyers_own_link():
    order = make_order()
    parcel = order.parcels.get()
    link = {"order": order.public_id, "link": order.group.token, "parcel": parcel.public_id}
    page = Client().get(f"/orders/{order.group.token}").content.decode()
    ticket = complain(**link, topic="damaged")
    assert (f"parcel={parcel.public_id}" in page, ticket.order) == (True, order.public_id)
    assert facts(ticket)[:2] == ("parcel", parcel.public_id)
    assert Client().get("/complain", {**link, "parcel": "P-22222222"}).status_code == 404
    assert Client().get("/complain", {**link, "link": "wrong"}).status_code == 404


def test_a_review_and_our_decision_about_it():
    review = make_review()
    assert subject_named(review.public_id).kind == "review"
    Review.objects.update(state="hidden")
    hidden = subject_named(review.public_id, topic="decision")
    assert (hidden.kind, hidden.title) == ("decision", review.public_id)


@pytest.mark.parametrize(
    "about", ["L-22222222", "M-22222222", "RV-2222222", "SR-2222222", "XX-1", "nothing", "-"]
)
def test_what_there_is_not_is_not_found(about: str):
    with pytest.raises(NotFound):
        subject_named(about)
    assert Client().get("/complain", {"about": about}).status_code == 404


def test_a_listing_that_is_not_shown_is_not_told_of():
    listing = Listing.objects.get(public_id=make_order().lines.get().listing_public_id)
    Listing.objects.update(state=Listing.State.DRAFT)
    with pytest.raises(NotFound):
        subject_named(listing.public_id)
    Merchant.objects.update(status=Merchant.Status.APPLIED)
    with pytest.raises(NotFound):
        subject_named(listing.merchant.public_id)
