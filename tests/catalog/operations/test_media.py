"""Pictures: taken, turned upright, stripped, scaled; everything else refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from catalog import operations
from catalog.domain.errors import BadPicture
from catalog.models import Media
from catalog.operations import media as media_operations
from tests.catalog.factories import NOW, make_listing

pytestmark = pytest.mark.usefixtures("taxonomy")


def picture(size: tuple[int, int] = (800, 600), kind: str = "JPEG", mode: str = "RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else None).save(out, kind, **more)
    return out.getvalue()


def add(data: bytes, listing=None, **more) -> Media:
    listing = listing or make_listing()
    return operations.add_media(listing_id=listing.pk, data=data, alt={"en": "A lamp"}, now=NOW, **more)


def stored(row: Media, width: int) -> Image.Image:
    with default_storage.open(media_operations.file_name(row.name, width)) as file:
        return Image.open(io.BytesIO(file.read()))


def test_a_picture_is_kept_in_widths_up_to_its_own() -> None:
    row = add(picture((800, 600)))
    assert (row.widths, [stored(row, w).size for w in row.widths]) == (
        [320, 640, 800],
        [(320, 240), (640, 480), (800, 600)],
    )


def test_a_picture_is_turned_upright_and_says_nothing_of_its_maker() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    row = add(picture((800, 600), exif=exif))
    assert ((row.width, row.height), dict(stored(row, 320).getexif())) == ((600, 800), {})


def test_what_is_see_through_becomes_white() -> None:
    row = add(picture((400, 400), "PNG", "RGBA"))
    assert stored(row, 320).convert("RGB").getpixel((9, 9)) == (255, 255, 255)


def test_the_same_file_twice_is_one_picture() -> None:
    listing, data = make_listing(), picture()
    assert add(data, listing) == add(data, listing)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "kind"),
        (b"GIF89a" + b"0" * 100, "kind"),
        (b"%PDF-1.7", "kind"),
        (b"", "kind"),
        (picture()[:300], "broken"),
        (picture((7000, 7000), "PNG"), "too_many_pixels"),
    ],
)
def test_anything_else_is_refused_and_leaves_no_trace(data: bytes, reason: str) -> None:
    with pytest.raises(BadPicture) as caught:
        add(data)
    assert (caught.value.data["reason"], Media.objects.count()) == (reason, 0)


def test_a_file_that_is_too_large_is_not_even_opened(settings) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    with pytest.raises(BadPicture) as caught:
        add(picture())
    assert caught.value.data["reason"] == "too_large"


def test_our_own_drawings_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "320.webp").write_bytes(picture((320, 240), "WEBP"))
    row = operations.add_prepared_media(
        listing_id=make_listing().pk,
        folder=tmp_path,
        digest="ab" * 32,
        size=(320, 240),
        alt={"en": "x"},
        now=NOW,
    )
    assert (row.widths, stored(row, 320).size) == ([320], (320, 240))
