"""What shoppers send as proof: pictures the way up they were taken, without what cameras write; papers as they are."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from returns.documents.uploads import checked
from returns.domain.errors import BadEvidence


def photo(**exif: int) -> bytes:
    """A wide picture, red on the left, as a telephone held upright writes it."""
    picture = Image.new("RGB", (40, 20), "blue")
    picture.paste("red", (0, 0, 20, 20))
    tags = Image.Exif()
    for number in exif.values():
        tags[0x0112] = number
    tags[0x010F] = "Maker of the camera"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=tags, quality=95)
    return out.getvalue()


def sent(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_a_picture_stands_upright_and_tells_nothing_of_its_maker():
    name, kept = checked(sent(photo(orientation=6)))

    with Image.open(io.BytesIO(kept)) as picture:
        top = picture.getpixel((10, 5))
        assert (picture.size, dict(picture.getexif()), top[0] > 200, name.endswith(".jpg")) == (
            (20, 40),
            {},
            True,
            True,
        )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This is not a picture that we can read."),
        (b"GIF89a" + b"\0" * 40, "This is not a picture that we can read."),
        (photo()[:60], "This is not a picture that we can read."),
        (b"\xff\xd8\xff" + b"\0" * 9_000_000, "The file is larger than 8 MB."),
    ],
    ids=["empty", "another kind", "broken", "too large"],
)
def test_what_is_no_picture_is_refused_in_words(data: bytes, said: str):
    with pytest.raises(BadEvidence) as refused:
        checked(sent(data))
    assert str(refused.value) == said
