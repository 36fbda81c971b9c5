"""Load the demo's purchases through the same operations as everywhere, over past days.

A buyer's purchases are told oldest first; those that stand already are not made again, so that loading a second
time changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog import operations as catalog
from catalog.models import Answer, Listing, Question, Review, Variant
from compliance.rulebook.strict_yaml import load_plain
from marketplace.accounts.models import User
from marketplace.accounts.place import Place, place_of
from marketplace.kernel.money import Money
from orders import operations as orders
from orders.models import Order, OrderGroup, OrderLine, Parcel, Thread
from orders.operations import messages
from returns import operations
from returns.models import Claim, Return, ReturnUnit

FILE = Path(__file__).with_name("purchases.yaml")
BY = "demo"


def load(*, now: datetime) -> dict[str, int]:
    """Make purchases and what followed, and questions; return how many orders and reviews there are."""
    content = load_plain(FILE)
    told: Counter[str] = Counter()
    for said in content["purchases"]:
        buyer = content["buyers"][said["buyer"]]
        email = buyer.get("account") or buyer["email"]
        told[email] += 1
        if OrderGroup.objects.filter(email=email).count() < told[email]:
            _Purchase(buyer, email, now).tell(said)
    for said in content["questions"]:
        _question(said, now)
    return {"orders": Order.objects.count(), "reviews": Review.objects.count()}


class _Purchase:
    """One purchase of one buyer, and the steps that follow."""

    def __init__(self, buyer: Mapping[str, Any], email: str, now: datetime) -> None:
        self.buyer, self.email, self.now = buyer, email, now
        self.user = User.objects.get(email=email) if "account" in buyer else None
        self.place: Place = place_of(buyer["market"], buyer["language"], buyer["currency"])

    def tell(self, said: Mapping[str, Any]) -> None:
        self.group = self._buy(said["wants"], self.now - timedelta(days=said["days"]))
        for step in said["steps"]:
            getattr(self, step["do"])(step, self.now - timedelta(days=step["days"]))

    def _buy(self, wants: list[list[Any]], at: datetime) -> OrderGroup:
        basket = orders.get_or_create_basket(token=None, user=self.user, now=at)
        for merchant, sku, count in wants:
            variant = Variant.objects.get(merchant__slug=merchant, sku=sku)
            orders.add_to_basket(
                basket_id=basket.pk, variant=variant.public_id, quantity=count, place=self.place, now=at
            )
        checkout = orders.start_checkout(basket_id=basket.pk, place=self.place, user=self.user, now=at)
        orders.set_address(checkout_id=checkout.pk, email=self.email, address=self.buyer["address"], now=at)
        checkout = orders.show_quote(checkout_id=checkout.pk, now=at)
        outcome = orders.submit_order(
            checkout_id=checkout.pk, quote_digest=checkout.quote_digest, provider="offline",
            method={"token": "card_ok"}, return_url="", now=at,
        )  # fmt: skip
        if outcome.group is None:
            raise RuntimeError(f"{self.email} could not buy {wants}.")
        return outcome.group

    def _line(self, sku: str) -> OrderLine:
        return OrderLine.objects.select_related("order").get(order__group=self.group, sku=sku)

    def _return(self) -> Return:
        return Return.objects.filter(order__group=self.group).latest("pk")

    def _claim(self) -> Claim:
        return Claim.objects.filter(line__order__group=self.group).latest("pk")

    def send(self, step: Mapping[str, Any], at: datetime) -> None:
        for order in self.group.orders.order_by("pk"):
            packed = [
                orders.Packed(line, count) for line, count in orders.left_to_ship(order).items() if count
            ]
            orders.ship_parcel(
                order_id=order.pk, packed=packed, carrier="other", tracking_number=f"DEMO-{order.public_id[-6:]}",
                recorded_by=BY, now=at,
            )  # fmt: skip

    def deliver(self, step: Mapping[str, Any], at: datetime) -> None:
        for parcel in Parcel.objects.filter(order__group=self.group).order_by("pk"):
            orders.record_delivery(
                parcel_id=parcel.pk, delivered_at=at, received_by="consumer", recorded_by=BY, now=at
            )
        self._invite(at)

    def _invite(self, at: datetime) -> None:
        """Let them review, without the letter: there is no mail server yet while the demo is loaded."""
        lines = OrderLine.objects.filter(order__group=self.group).order_by("pk")
        received = [
            catalog.ReceivedLine(
                line=line.public_id, listing=line.listing_public_id, user_id=self.user.pk if self.user else None,
                email=self.email, language=self.place.language, received_at=at,
            )
            for line in lines
        ]  # fmt: skip
        catalog.invite_reviewers(received=received, now=at)

    def review(self, step: Mapping[str, Any], at: datetime) -> None:
        said = catalog.Said(
            stars=step["stars"], title=step["title"], text=step["text"],
            shown_name=self.buyer["address"]["name"].split()[0], language=self.place.language,
        )  # fmt: skip
        catalog.write_review(line=self._line(step["sku"]).public_id, said=said, now=at)

    def reply(self, step: Mapping[str, Any], at: datetime) -> None:
        review = Review.objects.get(invitation__line=self._line(step["sku"]).public_id)
        catalog.reply_to_review(review_id=review.pk, text=step["text"], now=at)

    def write(self, step: Mapping[str, Any], at: datetime) -> None:
        messages.begin(
            about=self.group.orders.get(merchant__slug=step["merchant"]), email=self.email,
            user_id=self.user.pk if self.user else None, name=self.buyer["address"]["name"],
            language=self.place.language, written=messages.Written(step["text"]), now=at,
        )  # fmt: skip

    def answer(self, step: Mapping[str, Any], at: datetime) -> None:
        thread = Thread.objects.get(order__group=self.group, merchant__slug=step["merchant"])
        messages.write(thread_id=thread.pk, by="merchant", written=messages.Written(step["text"]), now=at)

    def withdraw(self, step: Mapping[str, Any], at: datetime) -> None:
        line = self._line(step["sku"])
        declared = operations.Declared(
            name=self.buyer["address"]["name"], email=self.email, language=self.place.language,
            lines={line.public_id: step["quantity"]},
        )  # fmt: skip
        operations.declare_withdrawal(
            group=self.group, declared=declared, key=f"demo:{line.public_id}", declared_at=at, now=at
        )

    def label(self, step: Mapping[str, Any], at: datetime) -> None:
        operations.issue_label(return_id=self._return().pk, method="drop_off", now=at)

    def receive(self, step: Mapping[str, Any], at: datetime) -> None:
        line = self._line(step["sku"])
        counted = {line.public_id: operations.Counted(good=line.quantity)}
        operations.receive_return(return_id=self._return().pk, counted=counted, complete=True, by=BY, now=at)

    def accept(self, step: Mapping[str, Any], at: datetime) -> None:
        ret = self._return()
        verdicts = [
            operations.Verdict(unit=unit.public_id, accept=True, grade="A", resellable=True)
            for unit in ReturnUnit.objects.filter(return_line__ret=ret).order_by("pk")
        ]
        operations.inspect_return(return_id=ret.pk, verdicts=verdicts, by=BY, now=at)

    def claim(self, step: Mapping[str, Any], at: datetime) -> None:
        line = self._line(step["sku"])
        filed = operations.Filed(
            kind=step["kind"], quantity=line.quantity, said=step["text"], noticed_on=at.date(),
            wanted=step["wanted"], language=self.place.language,
        )  # fmt: skip
        operations.file_claim(
            order=line.order, line=line.public_id, filed=filed, key=f"demo:{line.public_id}", now=at
        )

    def offer(self, step: Mapping[str, Any], at: datetime) -> None:
        amount = Money.of(step["amount"], self.group.currency).minor
        operations.offer_remedy(
            claim_id=self._claim().pk,
            remedy=step["remedy"],
            by=BY,
            now=at,
            text=step["text"],
            amount_minor=amount,
        )

    def exchange(self, step: Mapping[str, Any], at: datetime) -> None:
        line = self._line(step["sku"])
        wanted = Variant.objects.get(merchant_id=line.order.merchant_id, sku=step["for"])
        operations.ask_exchange(
            order=line.order, line=line.public_id, variant=wanted.public_id, quantity=line.quantity,
            seen_minor=0, key=f"demo:{line.public_id}", language=self.place.language, now=at,
        )  # fmt: skip


def _question(said: Mapping[str, Any], now: datetime) -> None:
    listing = Listing.objects.get(merchant__slug=said["merchant"], code=said["code"])
    user, owner = User.objects.get(email=said["by"]), listing.merchant.members.earliest("pk").user
    if Question.objects.filter(listing=listing, user=user).exists():
        return
    question = catalog.ask_question(
        listing=listing.public_id, text=said["text"], shown_name=said["name"], email=user.email,
        language=said["language"], user_id=user.pk, now=now - timedelta(days=said["days"]),
    )  # fmt: skip
    if answer := said.get("answer"):
        catalog.answer_question(
            question=question.public_id, text=answer["text"], by=Answer.By.MERCHANT, language=said["language"],
            shown_name=listing.merchant.name, user_id=owner.pk, now=now - timedelta(days=answer["days"]),
        )  # fmt: skip
