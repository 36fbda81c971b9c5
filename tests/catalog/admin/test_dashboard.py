"""The admin's first page says what needs attention today, of one's own things alone."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from catalog.models import Listing


def counts(client: Client) -> dict[str, int]:
    return {row["label"]: row["count"] for row in client.get(reverse("admin:index")).context["today"]}


def test_it_counts_what_is_to_be_done(client: Client, stranger: Client, listing: Listing) -> None:
    assert counts(client)["drafts"] == 1
    assert counts(stranger)["drafts"] == 0


def test_the_list_of_orders_opens(client: Client) -> None:
    assert client.get(reverse("admin:orders_order_changelist")).status_code == 200
