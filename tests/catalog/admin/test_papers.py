"""A listing's documents carry a file: taken by what is in it, kept privately, sent only to those who may see it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from catalog.models import Document, Listing
from catalog.operations.papers import shown_name
from marketplace.accounts.models import User
from marketplace.accounts.operations import give_role
from marketplace.kernel.files import private_folder
from tests.catalog.admin.test_listings import url

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(out, "PNG")
    return out.getvalue()


def send(client: Client, listing: Listing, data: bytes, name: str = "cert.pdf", **more: str) -> list[str]:
    """Put a file on the listing's certificate; return what the next page says."""
    file = SimpleUploadedFile(name, data, content_type="text/html")
    form = {"kind": "organic_certificate", "number": "FR-1", "file": file, **more}
    page = client.post(url("documents", listing.pk), form, follow=True)
    return [str(message) for message in page.context["messages"]]


def stored() -> list[Path]:
    return [path for path in (private_folder() / "documents").rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_a_file_is_put_on_file_and_comes_back_as_it_was(client: Client, listing: Listing):
    assert send(client, listing, PDF, "Bio-Zertifikat 2026.PDF", expires_on="2026-12-24") == []
    row = listing.documents.get()
    page = client.get(url("change", listing.pk)).content.decode()
    answer = client.get(url("paper", listing.pk, row.pk))

    assert b"".join(answer.streaming_content) == PDF
    assert url("paper", listing.pk, row.pk) in page
    assert "Bio-Zertifikat 2026.pdf" in page
    assert {name: answer[name] for name in ("Content-Type", "Content-Disposition")} == {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="Bio-Zertifikat 2026.pdf"',
    }
    assert "private, no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_when_it_expires_is_shown(client: Client, listing: Listing):
    send(client, listing, PDF, expires_on="2020-01-01")
    assert "expired" in client.get(url("change", listing.pk)).content.decode()


def test_only_its_people_and_the_operator_may_open_it(client: Client, stranger: Client, listing: Listing):
    send(client, listing, PDF)
    address = url("paper", listing.pk, listing.documents.get().pk)
    operator = User.objects.create_user("op@example.org", "x", is_staff=True)
    give_role(user=operator, kind="operator")
    ours = Client()
    ours.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    seen = {name: one.get(address).status_code for name, one in
            {"own": client, "operator": ours, "stranger": stranger, "nobody": Client()}.items()}  # fmt: skip
    assert seen == {"own": 200, "operator": 200, "stranger": 404, "nobody": 302}


def test_the_paper_of_another_listing_is_not_reached_by_its_number(
    client: Client, stranger: Client, listing: Listing
):
    other = Listing.objects.create(
        merchant_id=User.objects.get(email="oslo@oslo.example").memberships.get().merchant_id,
        category=listing.category, code="x", slug="x",
    )  # fmt: skip
    send(stranger, other, PDF)
    theirs = other.documents.get()
    assert client.get(url("paper", listing.pk, theirs.pk)).status_code == 404
    client.post(url("documents", listing.pk), {"remove": str(theirs.pk)})
    assert Document.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"<html><script>alert(1)</script>", "cert.pdf", "We take PDF, JPEG, PNG and WebP files."),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
            "a.png",
            "We take PDF, JPEG, PNG and WebP files.",
        ),
        (b"PK\x03\x04" + b"\0" * 99, "cert.pdf", "We take PDF, JPEG, PNG and WebP files."),
        (b"MZ" + b"\0" * 99, "cert.pdf", "We take PDF, JPEG, PNG and WebP files."),
        (PDF[:30], "cert.pdf", "The PDF ends in the middle; send it again."),
        (png()[:40], "cert.png", "The picture cannot be read; its file is damaged."),
        (PDF + b"\0" * 200_000, "cert.pdf", "A document has at most 0 MB."),
    ],
)
def test_what_is_not_a_document_is_refused_and_leaves_nothing(
    client: Client, listing: Listing, settings: Any, data: bytes, name: str, said: str
):
    settings.DOCUMENT_MAX_BYTES = 150_000
    told = [f"This file is not a document we can take. {said}"]
    assert (send(client, listing, data, name), listing.documents.count(), stored()) == (told, 0, [])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie- x=1.pdf".replace("=", "-")),
        ("<img src=x>.pdf", "pdf.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("证书.pdf", "证书.pdf"),
        ("x" * 400 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_the_name_it_came_with_is_only_shown(name: str, shown: str):
    assert shown_name(name, "application/pdf") == shown


def test_a_name_never_says_where_a_file_lies(client: Client, listing: Listing):
    send(client, listing, PDF, "..%2f..%2fsettings.py")
    assert [path.parent for path in stored()] == [private_folder() / "documents"]
    assert not private_folder().is_relative_to(settings.MEDIA_ROOT)


@pytest.mark.django_db(transaction=True)
def test_a_new_file_takes_the_place_of_the_old_and_removing_takes_it_away(client: Client, listing: Listing):
    send(client, listing, PDF)
    send(client, listing, png(), "cert.png")
    row = listing.documents.get()
    kept = [path.read_bytes() for path in stored()]
    client.post(url("documents", listing.pk), {"kind": "organic_certificate", "number": "FR-2"})
    row.refresh_from_db()
    client.post(url("documents", listing.pk), {"remove": str(row.pk)})

    assert (kept, row.number, row.file_type) == ([png()], "FR-2", "image/png")
    assert (listing.documents.count(), stored()) == (0, [])
