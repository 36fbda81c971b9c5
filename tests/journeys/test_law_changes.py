"""A law changes: it is tried, proposed, accepted, announced; its day comes, the listing closes, is mended, is sold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page

from catalog.demo.loading import DEMO_PASSWORD
from catalog.models import Listing
from compliance import tasks
from compliance.checks.models import Finding
from compliance.edition import keeping
from compliance.edition.models import RuleChange
from compliance.simulator.models import LawNotice
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from marketplace.kernel import clock, outbox
from orders.models import Order
from tests.journeys.conftest import address_of
from tests.journeys.test_guest_buys_abroad import fill_address

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
RULE = "de.listing.textiles_model"
FILE = """\
id: de.listing.textiles_model
title: Textiles name their model
kind: duty
right: know
about: listing
groups: [TEX]
severity: block
needs: [disclosures.model_number]
field: model_number
what: "“%(label)s” is missing."
fix: "Fill in “%(label)s”. %(help)s"
versions:
  - from: {since}
    cites: [{{act: "Act on models, for a test", at: "§ 1", url: "https://example.org/act"}}]
status: in_force
checked: {{on: {today}, confidence: official}}
source_id: de.test.model
"""


@pytest.fixture(autouse=True)
def _released_law() -> Any:
    yield
    keeping.reset()


def sign_in(open_page: Any, email: str, password: str) -> Page:
    page = open_page("/admin/")
    page.locator("input[name=username]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url("**/admin/")
    return page


def make_officer(email: str) -> None:
    user = User.objects.create_user(email, PASSWORD)
    accounts.give_role(user=user, kind="officer")


def deliver() -> None:
    """Let news travel as the relay does."""
    outbox.relay()


def test_from_the_draft_to_the_sale(open_page: Any, monkeypatch: pytest.MonkeyPatch):
    for task in (tasks.run_simulation, tasks.judge_touched):  # no worker runs beside a test
        monkeypatch.setattr(task, "delay", task)
    make_officer("una@rightful.example")
    make_officer("otto@rightful.example")
    scarf = Listing.objects.get(code="crane-silk-scarf")
    today = clock.today()
    since = today + timedelta(days=20)

    una = sign_in(open_page, "una@rightful.example", PASSWORD)
    una.goto("/admin/law/rules/new")
    una.get_by_label("or its text").fill(FILE.format(since=since, today=today))
    una.get_by_role("button", name="Try it on the catalogue").click()
    una.wait_for_url("**/admin/law/simulations/**")
    una.reload()
    una.get_by_role("link", name="Silk scarf, cranes").wait_for()
    simulated = una.locator("table", has_text="Silk scarf").locator(".badge--blocked").all_inner_texts()
    una.get_by_text(f"Draft: {RULE}").click()
    una.get_by_label("Why").fill("The act was promulgated.")
    una.get_by_role("button", name="Propose it").click()
    una.wait_for_url("**/admin/law/changes")
    own = una.get_by_role("button", name="Accept").count()

    otto = sign_in(open_page, "otto@rightful.example", PASSWORD)
    otto.goto("/admin/law/changes")
    otto.get_by_label("Note").fill("Read it too.")
    otto.get_by_role("button", name="Accept").click()
    otto.get_by_text("It binds from now on").wait_for()
    deliver()
    announced = Finding.objects.open().filter(rule=RULE, subject=f"listing:{scarf.public_id}").get()
    tasks.tell_of_law()
    deliver()
    letters = [letter.subject for letter in mail.outbox if "law changes" in letter.subject]

    shopper = open_page(address_of("crane-silk-scarf"), market="DE")
    before = shopper.get_by_role("button", name="Add to basket").count()
    real_now = clock.now
    monkeypatch.setattr(clock, "now", lambda: real_now() + timedelta(days=21))
    tasks.sweep_compliance()
    deliver()
    shopper.reload()
    on_the_day = (
        shopper.get_by_role("button", name="Add to basket").count(),
        shopper.get_by_text("Not sold to Germany").count(),
    )

    merchant = sign_in(open_page, "yunlan@merchants.example", DEMO_PASSWORD)
    merchant.goto(f"/admin/catalog/listing/{scarf.pk}/change/")
    reason = merchant.get_by_text("“Model number” is missing.").count()
    field = merchant.locator("[name='d.model_number']")
    field.evaluate("one => one.closest('details').open = true")
    field.fill("YL-SIL")
    merchant.get_by_role("button", name="Save", exact=True).click()
    merchant.wait_for_url("**/admin/catalog/listing/**")

    shopper.reload()
    shopper.get_by_role("button", name="Add to basket").click()
    shopper.wait_for_url("**/basket")
    shopper.get_by_role("button", name="To the checkout").click()
    fill_address(shopper, "card_ok")
    shopper.get_by_role("button", name="Show the whole price").click()
    shopper.locator("button[name=action][value=pay]").click()
    shopper.wait_for_url("**/orders/**")

    history = list(RuleChange.objects.values_list("rule", "state", "proposed_by__email", "decided_by__email"))
    closed = Finding.objects.filter(rule=RULE, subject=f"listing:{scarf.public_id}").values_list(
        "state", flat=True
    )
    assert (simulated, own, announced.severity, announced.due_on) == (["DE"], 0, "info", since)
    assert (len(letters), LawNotice.objects.get(rule=RULE).owner) == (1, scarf.merchant.public_id)
    assert (before, on_the_day, reason > 0) == (1, (0, 1), True)
    assert history == [(RULE, "accepted", "una@rightful.example", "otto@rightful.example")]
    assert set(closed) == {"closed"}
    assert list(Order.objects.values_list("merchant__slug", "group__market")) == [("yunlan", "DE")]
