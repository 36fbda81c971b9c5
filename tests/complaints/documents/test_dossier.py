"""A dossier is whole, or says what is not."""

from __future__ import annotations

import io
import zipfile

import pytest

from complaints.documents import BrokenDossier, draw_dossier, verify_dossier
from tests.complaints.factories import NOW

CASE = {
    "complaint": {
        "number": "C-7Q2K9F3M", "subject": "Lampa", "topic": "defective", "remedy": "repair", "name": "Ada",
        "email": "ada@example.com", "market": "PL", "time_zone": "Europe/Warsaw", "received_at": NOW.isoformat(),
    },
    "body": {"name": "Rzecznik"},
    "messages": [{"kind": "customer", "said_at": NOW.isoformat(), "body": "Lampa nie działa. 灯", "files": []}],
    "decision": None,
}  # fmt: skip


def dossier() -> bytes:
    return draw_dossier(CASE, {"photo.jpg": b"a picture"}, language="de", made_at=NOW)


def changed(archive: bytes, *, without: str = "", **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != without and name not in members:
                new.writestr(name, old.read(name))
        for name, content in members.items():
            new.writestr(name, content)
    return out.getvalue()


def test_what_was_made_is_whole_and_always_the_same():
    assert sorted(verify_dossier(dossier())["sha256"]) == ["case.json", "case.pdf", "files/photo.jpg"]
    assert dossier() == dossier()


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (lambda: changed(dossier(), without="case.pdf"), "case.pdf is missing."),
        (lambda: changed(dossier(), **{"files/extra.txt": b"x"}), "files/extra.txt was added."),
        (lambda: changed(dossier(), **{"case.json": b"{}"}), "case.json was changed."),
        (lambda: changed(dossier(), without="manifest.json"), "manifest.json is missing or cannot be read."),
        (lambda: b"no archive", "This is no archive, or it is damaged."),
    ],
)
def test_what_was_changed_is_named(archive, why: str):
    with pytest.raises(BrokenDossier, match=why):
        verify_dossier(archive())
