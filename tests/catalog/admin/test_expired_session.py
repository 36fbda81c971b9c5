"""A session that ends while a form is open: nothing is written, the way leads back to the form."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from catalog.models import Listing
from tests.catalog.admin.test_listings import url


def end_sessions() -> None:
    Session.objects.all().delete()
    cache.clear()


def test_saving_a_listing_leads_to_sign_in_and_back(client: Client, listing: Listing):
    address = url("change", listing.pk)
    before = listing.version
    end_sessions()

    answer = client.post(address, {"text-en-title": "Something else"})

    listing.refresh_from_db()
    to = urlsplit(answer["Location"])
    assert (answer.status_code, parse_qs(to.query), listing.version) == (302, {"next": [address]}, before)


def test_a_form_from_before_the_end_is_answered_in_words(client: Client, listing: Listing):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    before = listing.version

    answer = strict.post(url("change", listing.pk), {"csrfmiddlewaretoken": "x" * 64})

    listing.refresh_from_db()
    page = answer.content.decode()
    assert (answer.status_code, "Traceback" in page, "<h1" in page, listing.version) == (
        403,
        False,
        True,
        before,
    )
