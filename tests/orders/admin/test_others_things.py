"""Every page, action, search and file of the admin × the things of somebody else: they do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import models
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse

from catalog import models as catalog
from catalog.models import Brand, BrandCertificate, Document, ImportRun, Listing, ShippingRate, Variant
from marketplace.accounts.models import Merchant, MerchantMember, User
from marketplace.accounts.scoping import MerchantScoped
from orders import models as orders
from orders.models import Order
from tests.orders import factories
from tests.orders.admin.test_orders import staff_of

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Zanzibar"  # stands in everything that is not ours
SCOPED = [model for model, known in admin.site._registry.items() if isinstance(known, MerchantScoped)]
RELATED = (
    BrandCertificate, catalog.Declaration, Document, catalog.ListingText, catalog.Media, catalog.Offer, catalog.PlannedReduction,
    catalog.PriceRecord, catalog.Stock, orders.Invoice, orders.OrderLine, orders.Parcel,
)  # fmt: skip
OUTSIDE = {302, 403, 404, 405}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(factories.NOW, tick=False):
        yield


@pytest.fixture
def theirs(rates: None) -> dict[type[models.Model], models.Model]:
    """One of everything that belongs to another merchant."""
    merchant = factories.make_merchant(name=f"{SECRET} Traders", slug="zanzibar")
    variant = factories.make_variant(merchant, stock=9)
    variant.listing.texts.update(title=f"{SECRET} lamp")
    Variant.objects.filter(pk=variant.pk).update(sku=f"{SECRET}-1")
    address = factories.ADDRESS | {"name": f"Ada {SECRET}"}
    factories.pay(factories.make_checkout([(Variant.objects.get(pk=variant.pk), 1)], address=address))
    ShippingRate.objects.filter(merchant=merchant).update(carrier=SECRET)
    brand = Brand.objects.create(
        merchant=merchant, name=f"{SECRET} Works", manufacturer={"name": f"{SECRET} Ltd"}
    )
    BrandCertificate.objects.create(brand=brand, kind="test_report", number=SECRET)
    Listing.objects.filter(pk=variant.listing_id).update(brand=brand)
    paper = Document(listing=variant.listing, kind="test_report", number=SECRET, file_type="application/pdf")
    paper.file_name = f"{SECRET}.pdf"
    paper.file.save(paper.file_name, ContentFile(f"%PDF {SECRET}".encode()))
    run = ImportRun.objects.create(merchant=merchant, file_name=f"{SECRET}.csv", format="own", state="failed")
    return {
        Merchant: merchant,
        Brand: brand,
        Listing: variant.listing,
        ShippingRate: merchant.shipping_rates.first(),
        ImportRun: run,
        Order: Order.objects.get(merchant=merchant),
    }


@pytest.fixture
def mine(theirs: dict) -> Merchant:
    merchant = factories.make_merchant()
    factories.make_variant(merchant)
    return merchant


@pytest.fixture
def client(mine: Merchant) -> Client:
    return staff_of(mine)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row of the other merchant's world."""
    kinds = (Merchant, MerchantMember, Brand, Listing, Variant, ShippingRate, ImportRun, Order, *RELATED)
    return {kind.__name__: list(kind.objects.order_by("pk").values()) for kind in kinds}


def addresses(model: type[models.Model], pk: int) -> list[str]:
    """Return every address of a model's admin that names one object."""
    patterns = [entry for entry in admin.site._registry[model].get_urls() if isinstance(entry, URLPattern)]
    named = [entry.name for entry in patterns if entry.name and "object_id" in entry.pattern.converters]
    return [reverse(f"admin:{name}", args=[pk, *more]) for name in named for more in arguments(name, pk)]


def arguments(name: str, pk: int) -> list[list[int]]:
    """Return what the address of a name needs besides the object: nothing, or each paper of the listing."""
    if name != "catalog_listing_paper":
        return [[]]
    return [[paper] for paper in Document.objects.filter(listing=pk).values_list("pk", flat=True)]


def change_list(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_the_merchants_admin_is_what_this_file_knows(theirs: dict) -> None:
    assert set(SCOPED) == set(theirs)


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_no_page_of_an_object_opens_or_takes_anything(
    client: Client, theirs: dict, model: type[models.Model]
) -> None:
    before, wrong = everything(), []
    known = addresses(model, theirs[model].pk)
    for address in known:
        for ask in (client.get, client.post):
            answer = ask(
                address, {"action": "archive", "post": "yes", "name": "mine", "parcel": "1", "go": "apply"}
            )
            if answer.status_code not in OUTSIDE or SECRET in answer.content.decode():
                wrong.append((address, answer.status_code))
    assert (wrong, everything() == before, len(known) >= 3) == ([], True, True)


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_no_list_search_or_filter_shows_it(client: Client, theirs: dict, model: type[models.Model]) -> None:
    merchant = theirs[Merchant].pk
    queries = [
        "",
        "?q=anziba",
        "?all=",
        f"?merchant__id__exact={merchant}",
        f"?merchant={merchant}",
        f"?pk__in={theirs[model].pk}",
    ]
    pages = [client.get(f"{change_list(model)}{query}", follow=True) for query in queries]
    assert [SECRET in page.content.decode() for page in pages] == [False] * len(queries)


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_no_action_reaches_it(
    client: Client, theirs: dict, mine: Merchant, model: type[models.Model]
) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.get(memberships__merchant=mine)
    before, pk = everything(), theirs[model].pk
    actions = list(admin.site._registry[model].get_actions(request))
    for action in actions:
        data = {
            "action": action, "_selected_action": [pk], "go": "apply", "post": "yes", "percent": "20", "how": "only",
            "markets": ["DE"], "on_hand": "1", "price": "1", "min_days": "1", "max_days": "2", "market": "GB",
            "role": "importer", "name": "Me", "address": "Here", "index": "0",
        }  # fmt: skip
        answer = client.post(change_list(model), data, follow=True)
        assert SECRET not in answer.content.decode(), action
    assert (everything() == before, "delete_selected" in actions) == (True, False)


def test_everything_at_once_is_only_ones_own(client: Client, mine: Merchant, theirs: dict) -> None:
    others = Listing.objects.filter(merchant=theirs[Merchant])
    before = list(others.values())
    client.post(change_list(Listing), {"action": "archive", "_selected_action": ["0"], "select_across": "1"})
    client.post(
        change_list(Listing),
        {
            "action": "archive",
            "_selected_action": list(Listing.objects.values_list("pk", flat=True)),
            "select_across": "1",
        },
    )
    assert list(others.values()) == before
    assert set(Listing.objects.filter(merchant=mine).values_list("state", flat=True)) == {"archived"}


def test_no_suggestion_of_an_autocomplete_names_it(client: Client, theirs: dict) -> None:
    asked = 0
    for model, known in admin.site._registry.items():
        inlines = getattr(known, "inlines", ())
        for owner, names in [
            (model, known.autocomplete_fields),
            *((i.model, i.autocomplete_fields or ()) for i in inlines),
        ]:
            for name in names:
                where = {
                    "app_label": owner._meta.app_label,
                    "model_name": owner._meta.model_name,
                    "field_name": name,
                }
                answer = client.get(reverse("admin:autocomplete"), {**where, "term": ""})
                assert answer.status_code == 403 or SECRET not in answer.content.decode()
                asked += 1
    assert asked >= 1


@pytest.mark.parametrize("form", ["csv", "json", "google"])
def test_no_export_contains_it(client: Client, theirs: dict, form: str) -> None:
    where = reverse("admin:catalog_listing_export")
    own = client.get(where, {"format": form})
    foreign = client.get(where, {"format": form, "merchant": theirs[Merchant].public_id})
    assert (SECRET in own.content.decode(), foreign.status_code) == (False, 404)


def test_no_form_offers_it(client: Client, theirs: dict) -> None:
    for name in (
        "catalog_brand_add",
        "catalog_listing_add",
        "catalog_importrun_add",
        "catalog_shippingrate_add",
    ):
        assert SECRET not in client.get(reverse(f"admin:{name}")).content.decode()
    client.post(
        reverse("admin:catalog_listing_add"),
        {
            "merchant": theirs[Merchant].pk,
            "code": "x",
            "category": "kit.tableware",
            "language": "en",
            "title": "X",
            "price": "1",
            "on_hand": "1",
        },
    )
    assert Listing.objects.filter(code="x").count() == 0


def test_the_first_page_and_the_recent_actions_name_nothing_of_it(client: Client, theirs: dict) -> None:
    assert SECRET not in client.get(reverse("admin:index")).content.decode()
    for app in ("catalog", "orders", "accounts"):
        assert SECRET not in client.get(reverse("admin:app_list", args=[app])).content.decode()


def test_what_another_did_cannot_be_undone(client: Client, theirs: dict) -> None:
    listing = theirs[Listing]
    session = client.session
    session["catalog.undo"] = {
        "kind": "ships_to", "label": "x", "until": "2099-01-01T00:00:00+00:00",
        "data": {"before": {str(listing.pk): ["FR"]}, "after": {str(listing.pk): listing.ships_to}},
    }  # fmt: skip
    session.save()
    client.post(reverse("admin:catalog_listing_undo"))
    listing.refresh_from_db()
    assert listing.ships_to == []


def test_who_only_reads_changes_nothing(theirs: dict) -> None:
    user = User.objects.create_user("reader@example.org", "correct horse battery", is_staff=True)
    MerchantMember.objects.create(user=user, merchant=theirs[Merchant], role=MerchantMember.Role.VIEWER)
    reader = Client()
    reader.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    before, data = everything(), {"how": "all", "action": "archive", "declare": "no_bpa"}
    every = [address for model in SCOPED for address in addresses(model, theirs[model].pk)]
    failed = [address for address in every if reader.post(address, data).status_code >= 500]
    assert (failed, everything() == before) == ([], True)


def test_these_tests_would_see_it(theirs: dict) -> None:
    """An operator sees everybody's things, on the same pages."""
    boss = User.objects.create_superuser("boss@example.org", "correct horse battery")
    operator = Client()
    operator.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    pages = [operator.get(change_list(model)).content.decode() for model in SCOPED]
    assert [SECRET in page for page in pages] == [True] * len(SCOPED)


def test_a_paper_is_sent_only_with_its_own_listing(client: Client, theirs: dict, mine: Merchant) -> None:
    paper, own = Document.objects.get(listing=theirs[Listing]), Listing.objects.get(merchant=mine)
    boss = User.objects.create_superuser("boss@example.org", "correct horse battery")
    operator = Client()
    operator.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    right, wrong = (
        reverse("admin:catalog_listing_paper", args=[one.pk, paper.pk]) for one in (theirs[Listing], own)
    )
    assert [client.get(right).status_code, client.get(wrong).status_code] == [404, 404]
    assert SECRET.encode() in b"".join(operator.get(right).streaming_content)


def test_a_brand_for_all_is_the_operators_alone(client: Client, theirs: dict, mine: Merchant) -> None:
    """Merchants neither see nor change it, even where their own record leans on it."""
    shared = Brand.objects.create(name=f"{SECRET} of all", manufacturer={"name": f"{SECRET} Ltd"})
    BrandCertificate.objects.create(brand=shared, kind="test_report", number=SECRET)
    own = Brand.objects.create(merchant=mine, name="Ours", shared=shared)
    change = reverse("admin:catalog_brand_change", args=[own.pk])
    pages = [client.get(address) for address in (change_list(Brand), f"{change_list(Brand)}?q=a", change)]
    assert [(page.status_code, SECRET in page.content.decode()) for page in pages] == [(200, False)] * 3
    before, known = everything(), addresses(Brand, shared.pk)
    tried = [ask(address, {"post": "yes"}) for address in known for ask in (client.get, client.post)]
    assert [answer.status_code in OUTSIDE and SECRET not in answer.content.decode() for answer in tried] == [
        True
    ] * len(tried)
    assert (everything() == before, len(known) >= 3) == (True, True)


def test_a_brand_is_not_added_for_somebody_else(client: Client, theirs: dict, mine: Merchant) -> None:
    """Nor for all, nor with a certificate of another's brand, nor is one taken away from it."""
    before, certificate = everything(), BrandCertificate.objects.get(brand=theirs[Brand])
    certificates = {
        "certificates-TOTAL_FORMS": "1", "certificates-INITIAL_FORMS": "0", "certificates-0-id": "",
        "certificates-0-kind": "test_report", "certificates-0-number": "mine",
    }  # fmt: skip
    taken = {
        "certificates-INITIAL_FORMS": "1", "certificates-0-id": certificate.pk, "certificates-0-DELETE": "on",
    }  # fmt: skip
    where = reverse("admin:catalog_brand_add")
    for merchant in (theirs[Merchant].pk, ""):
        for name in ("New", theirs[Brand].name):
            client.post(where, {"merchant": merchant, "name": name, **certificates})
    own = Brand.objects.create(merchant=mine, name="Ours")
    change = reverse("admin:catalog_brand_change", args=[own.pk])
    client.post(change, {"manufacturer_name": "Us", **certificates, **taken})
    own.delete()
    assert everything() == before
    assert client.post(where, {"merchant": mine.pk, "name": "New", **certificates}).status_code == 302
    assert Brand.objects.get(name="New").certificates.get().number == "mine"
