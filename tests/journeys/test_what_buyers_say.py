"""A review that only its buyer can write, answered and moderated; a guest's message that becomes a claim; axe everywhere."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from catalog import operations as catalogue
from catalog.models import Listing, Review
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Merchant, User
from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import OrderGroup
from orders.operations import Packed
from returns.models import Claim
from tests.journeys import looking
from tests.journeys.markets import arrived, live_in, seller_everywhere, sold_everywhere
from tests.orders import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}}
look = partial(looking.look, schemes=("light", "dark"))


def person(email: str, name: str, **more: Any) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, **more)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def signed_in(open_page: Any, email: str, path: str, **options: Any) -> Any:
    page = open_page(f"/auth/login/?next={path}", **options)
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"**{path}")
    return page


def bought(code: str, user: User | None = None) -> OrderGroup:
    """A lamp that arrived in Berlin, by account or as a guest."""
    now = clock.now()
    variant = Listing.objects.get(code=code).variants.first()
    group = factories.pay(factories.make_checkout([(variant, 1)], now=now), now=now).group
    if user:
        OrderGroup.objects.filter(pk=group.pk).update(user=user, email=user.email)
    order = group.orders.get()
    packed = [Packed(line, count) for line, count in orders.left_to_ship(order).items()]
    parcel = orders.ship_parcel(
        order_id=order.pk, packed=packed, carrier="other", tracking_number="ABC-12345", recorded_by="test", now=now
    )  # fmt: skip
    later = now + timedelta(minutes=1)
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=later, received_by="consumer", recorded_by="test", now=later
    )
    outbox.relay()
    group.refresh_from_db()
    return group


def test_a_review_is_written_by_its_buyer_alone_answered_reported_and_decided(open_page: Any, axe: Any):
    ada, eve = person("ada@example.com", "Ada Kowalska"), person("eve@example.com", "Eve")
    group = bought("leselicht-clip-lamp", ada)
    line = group.orders.get().lines.get()
    write = reverse("review-write", args=[group.token, line.public_id])
    assert any(write in one.body for one in mail.outbox)

    stranger = signed_in(open_page, eve.email, "/account/", **WIDE)
    stranger.goto(write)
    stranger.get_by_text("Only the account that bought this can review it").wait_for()
    found = look(stranger, axe, "refused")

    page = signed_in(open_page, ada.email, write, **PHONE)
    found += look(page, axe, "review-form")
    page.get_by_label("4: good").check()
    page.get_by_label("In a few words").fill("A good light to read by")
    page.get_by_label("What is it like?").fill("It clips to the shelf and stays there. The seller is a fool.")
    page.get_by_role("button", name="Show my review").click()
    page.get_by_text("Your review is shown.").wait_for()
    review, listing = Review.objects.get(), Listing.objects.get(public_id=line.listing_public_id)

    seller = person("seller@example.com", "Seller", is_staff=True)
    Merchant.objects.get(pk=listing.merchant_id).members.create(user=seller, role="owner")
    desk = signed_in(open_page, seller.email, "/admin/voice", **WIDE)
    found += look(desk, axe, "merchant-voice")
    desk.get_by_label("Your answer, for everybody to read").fill("Thank you, mostly.")
    desk.get_by_role("button", name="Answer").click()
    desk.get_by_text("It is shown below.").wait_for()

    product = reverse("product", args=[listing.slug, listing.public_id])
    guest = open_page(product, **WIDE)
    guest.get_by_text("Thank you, mostly.").wait_for()
    found += look(guest, axe, "product")
    guest.goto(reverse("reviews", args=[listing.slug, listing.public_id]))
    found += look(guest, axe, "reviews")
    guest.set_viewport_size(PHONE["viewport"])
    found += look(guest, axe, "reviews")
    guest.get_by_role("link", name="Report").click()
    found += look(guest, axe, "report")
    guest.get_by_label("It insults or threatens somebody").check()
    guest.get_by_role("button", name="Report it").click()
    guest.get_by_text("A person looks at it").wait_for()

    officer = person("ines@example.com", "Ines", is_staff=True)
    accounts.give_role(user=officer, kind="officer")
    law = signed_in(open_page, officer.email, "/admin/moderation", **WIDE)
    found += look(law, axe, "moderation")
    law.get_by_role("link", name=review.public_id).first.click()
    law.get_by_label("What is done").select_option("hide")
    law.get_by_label("Ground, to hide it").select_option("insult")
    law.get_by_label("Facts and reasons").fill("It calls the seller a fool.")
    law.get_by_role("button", name="Decide").click()
    law.get_by_text("The reasons are on their way").wait_for()
    found += look(law, axe, "moderation-case")
    outbox.relay()
    assert (mail.outbox[-1].to, "It calls the seller a fool." in mail.outbox[-1].body) == ([ada.email], True)
    guest.goto(product)
    assert guest.get_by_text("The seller is a fool").count() == 0
    page.goto(write)
    page.get_by_text("Your review is not shown").wait_for()
    found += look(page, axe, "review-hidden")
    assert found == []


@pytest.mark.parametrize(
    ("market", "language", "words", "options"),
    [
        pytest.param("GB", "en", "Your review is shown.", {**PHONE, "color_scheme": "dark"}, id="GB"),
        pytest.param("CN", "zh-hans", "谢谢。您的评价已显示。", WIDE, id="CN, in Chinese"),
    ],
)
def test_a_review_abroad_is_its_buyers_alone_answered_and_moderated(
    visit: Any,
    axe: Any,
    monkeypatch: pytest.MonkeyPatch,
    market: str,
    language: str,
    words: str,
    options: Any,
):
    where = {"market": market, "language": language, **options}
    page = visit("/contact", **where)
    place, seller = live_in(market, monkeypatch), seller_everywhere()
    ada, eve = person("ada@example.com", "Ada"), person("eve@example.com", "Eve")
    group = arrived([(sold_everywhere(seller), 1)], place=place)
    OrderGroup.objects.filter(pk=group.pk).update(user=ada, email=ada.email)
    outbox.relay()
    line = group.orders.get().lines.get()
    write = reverse("review-write", args=[group.token, line.public_id])
    stranger = signed_in(visit, eve.email, "/account/", **where)
    stranger.goto(write)
    assert stranger.locator("textarea[name=text]").count() == 0
    found = look(stranger, axe, f"review-{market}-refused")

    page = signed_in(visit, ada.email, write, **where)
    page.locator("input[name=stars][value='2']").check()
    page.locator("input[name=title]").fill("Thin")
    page.locator("textarea[name=text]").fill("It is thin, and the seller is a fool.")
    found += look(page, axe, f"review-{market}-form")
    page.locator("main form button.button--primary").click()
    page.get_by_text(words).wait_for()
    review, listing = Review.objects.get(), Listing.objects.get(public_id=line.listing_public_id)
    catalogue.reply_to_review(review_id=review.pk, text="It is silk.", now=clock.now())

    page.goto(reverse("reviews", args=[listing.slug, listing.public_id]))
    page.get_by_text("It is silk.").wait_for()
    found += look(page, axe, f"review-{market}-answered")
    page.locator("main a[href$='/report']").first.click()
    page.locator("input[name=ground][value=insult]").check()
    page.locator("main form button.button--primary").click()
    page.wait_for_url("**/reviews")
    catalogue.decide(
        subject=review.public_id, action="hide", ground="insult", reasons="It calls the seller a fool.",
        decided_by=eve.pk, decided_name="Ines", now=clock.now(),
    )  # fmt: skip
    outbox.relay()
    assert "It calls the seller a fool." in mail.outbox[-1].body
    page.goto(write)
    found += look(page, axe, f"review-{market}-hidden")
    page.goto(reverse("reviews", args=[listing.slug, listing.public_id]))
    assert page.get_by_text("the seller is a fool").count() == 0
    assert found == []


def test_a_guests_message_becomes_a_claim(open_page: Any, axe: Any):
    group = bought("leselicht-clip-lamp")
    page = open_page(reverse("order", args=[group.token]), **PHONE)
    page.get_by_role("link", name="Write to the seller").click()
    found = look(page, axe, "message-new")
    page.get_by_label("Your message").fill("It flickers. Call me: 030 1234567.")
    page.get_by_role("button", name="Send to the seller").click()
    page.get_by_text("We took out: a telephone number").wait_for()
    found += look(page, axe, "thread")
    page.set_viewport_size(WIDE["viewport"])
    found += look(page, axe, "thread")

    order = group.orders.get()
    seller = person("seller@example.com", "Seller", is_staff=True)
    order.merchant.members.create(user=seller, role="owner")
    desk = signed_in(open_page, seller.email, "/admin/messages", **WIDE)
    found += look(desk, axe, "merchant-messages")
    desk.get_by_role("link", name=order.public_id).click()
    found += look(desk, axe, "merchant-thread")
    desk.get_by_label("Your answer").fill("Flickering is normal.")
    desk.get_by_role("button", name="Send").click()
    desk.get_by_text("Your answer is on its way.").wait_for()

    page.reload()
    page.get_by_text("Flickering is normal.").wait_for()
    page.get_by_role("link", name="Make it a claim").click()
    page.get_by_role("link", name=order.lines.get().title).click()
    assert page.get_by_label("Say it in your words").input_value().startswith("It flickers.")
    page.locator("input[name=kind][value=defective]").check()
    found += look(page, axe, "claim")
    page.get_by_role("button", name="Send the claim").click()
    page.wait_for_url("**/claims/**")
    assert Claim.objects.get().said.startswith("It flickers.")
    assert found == []
