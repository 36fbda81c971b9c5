"""What this app does when it or others announce news. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from catalog import tasks
from catalog.models import Generation
from catalog.operations import voice_letters, voice_news
from catalog.operations.certificate_letters import send_certificate_letters
from catalog.operations.law_letters import send_law_letter
from catalog.operations.measure_letters import send_decision, send_measures
from catalog.operations.reading import (
    CHUNK,
    listing_ids_of,
    listing_ids_of_brands,
    refresh_listings,
    settle_listings,
    take_limits,
)
from catalog.queries.facts import SUBJECT
from catalog.queries.review_facts import REVIEW
from catalog.queries.seller_facts import MERCHANT, OFFER, offer_ids_of
from catalog.queries.stock import listing_ids_of_variants
from compliance.checks import subjects
from compliance.checks.registry import id_of, subject_of
from compliance.enforcement import limits, suspensions
from marketplace.accounts.models import Merchant
from marketplace.accounts.operations import set_suspended
from marketplace.kernel import clock
from marketplace.kernel.outbox import subscribe


@subscribe("catalog.AvailabilityChanged", name="catalog.refresh_availability")
def refresh_availability(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Show in lists what sold out or came back."""
    refresh_listings(
        listing_ids=listing_ids_of_variants(payload["variant_ids"]), now=clock.now(), words=False
    )


@subscribe("accounts.MerchantChanged", name="catalog.settle_merchant")
@subscribe("marketplace.accounts.MerchantChanged", name="catalog.settle_merchant")
def settle_merchant(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Judge a merchant, and its listings again: who sells is part of what the law asks."""
    subjects.judge(about=MERCHANT, ids=[payload["public_id"]], now=clock.now())
    Generation.objects.create(scope=f"seller:{payload['merchant_id']}")
    _settle(listing_ids_of(merchant_id=payload["merchant_id"]))


@subscribe("catalog.ShippingChanged", name="catalog.settle_shipping")
def settle_shipping(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Offer a merchant's listings where it now ships; where and how long is part of what the law asks."""
    owner = Merchant.objects.filter(pk=payload["merchant_id"]).values_list("public_id", flat=True)
    subjects.judge(about=MERCHANT, ids=list(owner), now=clock.now())
    _settle(listing_ids_of(merchant_id=payload["merchant_id"]))


def _settle(listing_ids: list[int]) -> None:
    """Judge with the news itself, so that nothing but the news has to arrive; what is more than one chunk goes on."""
    settle_listings(listing_ids=listing_ids[:CHUNK], now=clock.now())
    tasks.settle_in_background(listing_ids[CHUNK:])


@subscribe("catalog.PriceChanged", name="catalog.judge_offers")
def judge_offers(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask the law what a price misses while its reduction runs, or once more when it has ended."""
    ids = offer_ids_of(payload["variant_id"], is_reduced=payload["kind"] == "reduced")
    subjects.judge(about=OFFER, ids=ids, now=clock.now())


@subscribe("catalog.ReviewSaid", name="catalog.judge_review")
def judge_review(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask the law what a review misses: whether a buyer wrote it, and whether a reward is said."""
    subjects.judge(about=REVIEW, ids=[payload["review"]], now=clock.now())


@subscribe("catalog.ContentModerated", name="catalog.judge_moderated")
def judge_moderated(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Judge a review anew once a person has hidden it or shown it again."""
    if payload["subject"].startswith("RV-"):
        subjects.judge(about=REVIEW, ids=[payload["subject"]], now=clock.now())


@subscribe("catalog.BrandChanged", name="catalog.settle_brand")
def settle_brand(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Judge the listings that lean on a brand's record; nobody else is looked at."""
    tasks.settle_in_background(listing_ids_of_brands(payload["brand_ids"]))


@subscribe("catalog.CertificateExpires", name="catalog.tell_of_certificate")
def tell_of_certificate(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Write to the merchants who sell a brand that one of its certificates ends."""
    send_certificate_letters(event_id=event_id, **payload)


@subscribe("compliance.LawNoticeDue", name="catalog.tell_of_law")
def tell_of_law(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Write to a merchant whose listings a change of law concerns."""
    send_law_letter(notice_id=payload["notice_id"], event_id=event_id, is_reminder=payload["is_reminder"])


@subscribe("compliance.MeasuresTaken", name="catalog.tell_of_measures")
def tell_of_measures(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Give a merchant the reasons of measures against its listings."""
    send_measures(owner=payload["owner"], measure_ids=payload["measures"], event_id=event_id, now=clock.now())


@subscribe("compliance.LimitsChanged", name="catalog.limit_listings")
def limit_listings(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Take limited listings out of what is recommended, or back in; what holds now counts, not the order of news."""
    ids = [id_of(subject) for subject in payload["subjects"] if subject.startswith(f"{SUBJECT}:")]
    take_limits(public_ids=ids, limited=_limited, now=clock.now())


def _limited(ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    found = limits.limited([subject_of(SUBJECT, one) for one in ids])
    return {id_of(subject): markets for subject, markets in found.items()}


@subscribe("compliance.AppealDecided", name="catalog.tell_of_decision")
def tell_of_decision(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Answer a merchant's complaint."""
    send_decision(appeal=payload["appeal"], event_id=event_id)


@subscribe("compliance.SuspensionChanged", name="catalog.suspend_merchant")
def suspend_merchant(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Take a suspended merchant out of the shop, or let it back in; what holds now counts, not the order of news."""
    owner = payload["owner"]
    set_suspended(public_id=owner, is_suspended=lambda: suspensions.is_suspended(owner))


@subscribe("catalog.ContentModerated", name="catalog.tell_of_moderation")
def tell_of_moderation(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Give the reasons of a decision to whoever said something and to whoever reported it."""
    voice_letters.send_decision(
        subject=payload["subject"],
        moderation_id=payload["moderation"],
        report_ids=payload["reports"],
        event_id=event_id,
    )


@subscribe("catalog.ReviewAnswered", name="catalog.tell_of_reply")
def tell_of_reply(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell whoever wrote a review that it was answered."""
    voice_letters.send_reply(review=payload["review"], event_id=event_id)


@subscribe("catalog.QuestionAsked", name="catalog.tell_of_question")
def tell_of_question(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask a guest to confirm a question, or let the merchant read of it."""
    if payload["is_confirmed"]:
        voice_news.gather_voice(subject=payload["question"], now=clock.now())
    else:
        voice_letters.send_question(question=payload["question"], event_id=event_id)


@subscribe("catalog.ReviewSaid", name="catalog.gather_review")
def gather_review(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Let the merchant read of a review that is new."""
    if payload.get("is_new"):
        voice_news.gather_voice(subject=payload["review"], now=clock.now())


@subscribe("catalog.VoiceGathered", name="catalog.tell_of_voice")
def tell_of_voice(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Write to a merchant of what people say of its goods and ask about them."""
    voice_letters.send_gathered(event_id=event_id, **payload)


@subscribe("catalog.QuestionAnswered", name="catalog.tell_of_answer")
def tell_of_answer(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell whoever asked that there is an answer."""
    voice_letters.send_answer(answer=payload["answer"], event_id=event_id)
