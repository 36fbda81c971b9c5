"""Files that come with a complaint: by their content, drawn anew, refused by name."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from complaints.domain.errors import Incomplete
from complaints.operations import files
from complaints.operations.files import Given, check_files


def drawn(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    Image.new("RGB", size, "red").save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(("name", "form", "kept"), [
    ("lamp.jpg", "JPEG", "lamp.jpg"), ("lamp.JPEG", "JPEG", "lamp.JPEG"), ("lamp.png", "PNG", "lamp.jpg"),
    ("lamp.webp", "WEBP", "lamp.jpg"), ("lamp", "PNG", "lamp.jpg"), ("../a/my.lamp.png", "PNG", "my.lamp.jpg"),
])  # fmt: skip
def test_a_picture_is_drawn_anew_and_called_what_it_is(name: str, form: str, kept: str):
    [one] = check_files([Given(name, drawn(form))])
    with Image.open(io.BytesIO(one.content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (40, 30))
    assert (one.name, one.kind, one.ending, b"Secret" in one.content) == (kept, "image/jpeg", "jpg", False)


def test_a_paper_is_kept_as_it_came():
    [one] = check_files([Given("bill.pdf", b"%PDF-1.7 x")])
    assert (one.name, one.kind, one.content, one.ending) == (
        "bill.pdf",
        "application/pdf",
        b"%PDF-1.7 x",
        "pdf",
    )


def test_what_cannot_be_taken_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "LARGEST", 3_000_000)
    many = io.BytesIO()
    Image.new("1", (8_000, 6_000)).save(many, "PNG")
    said = {}
    for name, content in {
        "big.jpg": b"x" * 3_000_001, "odd.jpg": b"MZ" + b"0" * 99, "empty.jpg": b"", "torn.png": drawn("PNG")[:60],
        "wide.png": many.getvalue(),
    }.items():  # fmt: skip
        with pytest.raises(Incomplete) as refused:
            check_files([Given(name, content)])
        said[name] = str(refused.value.detail)
    assert said["big.jpg"] == "big.jpg is larger than 2 MB."
    assert said["wide.png"] == "wide.png has more than 40 million pixels."
    assert said["torn.png"] == "torn.png cannot be opened as a picture."
    assert [
        said[name].startswith(f"{name} is of a kind we do not take.") for name in ("odd.jpg", "empty.jpg")
    ] == [
        True,
        True,
    ]
