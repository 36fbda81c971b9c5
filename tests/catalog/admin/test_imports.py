"""A file goes in by the admin's pages: upload, preview, choices, start, result."""

from __future__ import annotations

import io

from django.test import Client
from django.urls import reverse

from catalog.importing import operations
from catalog.models import ImportRun
from marketplace.accounts.models import Merchant
from tests.catalog.admin.conftest import NOW

FILE = "code,title,category,price\na,Mug,kitchen things,4.00\nb,=HYPERLINK(1),tex.clothing,\n"


def url(name: str, *args: object) -> str:
    return reverse(f"admin:catalog_importrun_{name}", args=args)


def upload(client: Client, merchant: Merchant, data: bytes = FILE.encode()) -> ImportRun | None:
    file = io.BytesIO(data)
    file.name = "goods.csv"
    client.post(url("add"), {"merchant": merchant.pk, "file": file})
    return ImportRun.objects.first()


def test_a_file_goes_in_by_the_pages(client: Client, merchant: Merchant) -> None:
    run = upload(client, merchant)
    assert run is not None
    page = client.get(url("change", run.pk))
    assert "Nothing has entered the catalogue yet" in page.content.decode()
    form = page.context["form"]
    data = {field.html_name: field.value() or "" for field in form} | {
        "header": "on",
        "default_category": "kit.tableware",
    }
    assert client.post(url("change", run.pk), data).status_code == 302
    client.post(url("start", run.pk))
    assert 'http-equiv="refresh"' in client.get(url("change", run.pk)).content.decode()
    operations.carry_on(run_id=run.pk, now=NOW)
    page = client.get(url("change", run.pk)).content.decode()
    assert "1 taken, 1 refused" in page
    table = client.get(url("refused", run.pk)).content.decode()
    assert "'=HYPERLINK(1)" in table


def test_a_broken_file_is_said_at_its_field(client: Client, merchant: Merchant) -> None:
    assert upload(client, merchant, b"PK\x03\x04 a spreadsheet") is None


def test_others_files_do_not_exist(client: Client, stranger: Client, merchant: Merchant) -> None:
    run = upload(client, merchant)
    assert run is not None
    assert [stranger.get(url(name, run.pk)).status_code for name in ("change", "refused", "start")] == [
        404,
        404,
        404,
    ]


def test_nobody_uploads_for_another_merchant(stranger: Client, merchant: Merchant) -> None:
    assert upload(stranger, merchant) is None
