"""A merchant's editor with one listing, and somebody else's staff."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from catalog.domain.drafts import ListingDraft, TextDraft, VariantDraft
from catalog.models import Listing
from catalog.operations import create_listing, ensure_categories
from marketplace.accounts.models import Merchant, User
from marketplace.accounts.operations import create_merchant

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_merchant(slug: str) -> Merchant:
    owner = User.objects.create_user(f"{slug}@{slug}.example", "correct horse battery")
    return create_merchant(
        owner=owner, slug=slug, name=slug.title(), legal_name=f"{slug} SARL", country="FR", street="Rue 1",
        postcode="69001", city="Lyon", email=f"{slug}@{slug}.example", currency="EUR", status="active",
    )  # fmt: skip


def client_of(merchant: Merchant) -> Client:
    client = Client()
    user = User.objects.get(memberships__merchant=merchant)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def merchant(db: None) -> Merchant:
    ensure_categories()
    return make_merchant("lyon")


@pytest.fixture
def client(merchant: Merchant) -> Client:
    return client_of(merchant)


@pytest.fixture
def stranger(merchant: Merchant) -> Client:
    return client_of(make_merchant("oslo"))


@pytest.fixture
def listing(merchant: Merchant) -> Listing:
    variants = [
        VariantDraft(
            "honey-s", ("S",), prices={"EUR": 500}, on_hand=3, net_quantity={"value": "250", "unit": "g"}
        ),
        VariantDraft(
            "honey-l", ("L",), prices={"EUR": 900}, on_hand=4, net_quantity={"value": "500", "unit": "g"}
        ),
    ]
    draft = ListingDraft(
        "honey",
        "food.honey",
        {"en": TextDraft("Chestnut honey", description="<p>Dark</p>")},
        variants,
        option_names=("Size",),
    )
    return create_listing(merchant_id=merchant.pk, draft=draft, now=NOW)
