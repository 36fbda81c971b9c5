"""A picture that is sent keeps nothing but its pixels; what is none is refused with a reason."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from marketplace.kernel import uploads


def picture(
    size: tuple[int, int] = (40, 20), form: str = "JPEG", *, mode: str = "RGB", turned: int = 1
) -> bytes:
    out = io.BytesIO()
    drawn = Image.new(mode, size, "red")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = turned, "Camera of Ada"
    drawn.save(out, form, exif=exif) if form == "JPEG" else drawn.save(out, form)
    return out.getvalue()


def test_a_redrawn_picture_is_upright_small_and_says_nothing_of_its_camera():
    given = picture((400, 200), turned=6)
    drawn = uploads.redrawn(given, longest_side=100)
    with Image.open(io.BytesIO(drawn)) as seen:
        assert (b"Camera of Ada" in given, b"Camera" in drawn, seen.size, dict(seen.getexif())) == (
            True, False, (50, 100), {},
        )  # fmt: skip


def test_what_is_see_through_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(out, "PNG")
    assert uploads.upright(out.getvalue()).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (lambda: uploads.media_type(b"MZ\x90\x00" * 9, kinds=uploads.PICTURES, most_bytes=99), "kind"),
        (lambda: uploads.media_type(b"", kinds=uploads.PICTURES, most_bytes=99), "kind"),
        (lambda: uploads.media_type(picture(), kinds=uploads.PICTURES, most_bytes=9), "too_large"),
        (lambda: uploads.redrawn(picture()[:60]), "broken"),
        (lambda: uploads.redrawn(picture(), most_pixels=700), "too_many_pixels"),
        (lambda: uploads.verify(picture()[:60], most_pixels=900), "broken"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(work, reason: str):
    with pytest.raises(uploads.BadUpload) as refused:
        work()
    assert refused.value.reason == reason


class Unread:
    """An upload that must not be read."""

    def __init__(self, size: int) -> None:
        self.size = size

    def read(self) -> bytes:
        raise AssertionError("It was read.")


@pytest.mark.parametrize(
    ("files", "reason"), [([Unread(1)] * 3, "too_many"), ([Unread(1), Unread(11)], "too_large")]
)
def test_too_many_or_too_large_files_are_refused_before_any_is_read(files: list[Unread], reason: str):
    with pytest.raises(uploads.BadUpload) as refused:
        uploads.contents(files, most=2, most_bytes=10)
    assert refused.value.reason == reason


def test_what_is_few_and_small_enough_is_read():
    files = [SimpleUploadedFile("a", b"one"), SimpleUploadedFile("b", b"two")]
    assert uploads.contents(files, most=2, most_bytes=3) == (b"one", b"two")
