"""The pictures that a file names: fetched after its rows were taken, each with its result, none in a row's way."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from catalog.importing import pictures, tasks
from catalog.models import ImportPicture, ImportRow, ImportRun, Listing, Media
from catalog.operations.media import file_name
from marketplace.accounts.models import User
from marketplace.accounts.operations import give_role
from marketplace.kernel import outbox
from tests.catalog.importing.conftest import NOW, TakeFile
from tests.fakes.picture_server import Internet, internet, picture

HEAD = "code,title,category,price,stock,images,image_alt"


@pytest.fixture
def net(settings: Any) -> Iterator[Internet]:
    settings.FETCH_PICTURES = True
    with internet() as known:
        yield known


def goods(*images: str) -> str:
    return "\n".join([HEAD, *(f"p{n},Mug {n},kit.tableware,4,1,{one},A mug" for n, one in enumerate(images))])


def fetch_all(net: Internet, **later: float) -> list[tuple[int, str, str]]:
    """Fetch all that is due; return line, state and problem of each picture of all files."""
    while pictures.fetch_next(now=NOW + timedelta(**later), outgoing=net.outgoing):
        pass
    rows = ImportPicture.objects.order_by("line", "pk")
    return [(row.line, row.state, row.problem.get("message", "")) for row in rows]


def test_pictures_come_after_the_rows_with_the_words_the_file_gives_them(take_file: TakeFile, net: Internet):
    run = take_file(
        "a.csv", goods(f"{net.put('/1.png', picture())} {net.put('/2.jpg', picture('red', kind='JPEG'))}")
    )
    assert (run.rows_taken, Media.objects.count(), net.connected) == (1, 0, [])

    assert fetch_all(net) == [(2, "done", ""), (2, "done", "")]

    rows = Media.objects.order_by("position").values_list("source_url", "alt", "width")
    assert list(rows) == [
        ("http://shop.example/1.png", {"en": "A mug"}, 40),
        ("http://shop.example/2.jpg", {"en": "A mug"}, 40),
    ]


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 30,000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def test_one_bad_picture_is_said_and_nothing_else_suffers(take_file: TakeFile, net: Internet):
    page = net.put("/page.png", b"<html><script>x</script>", Content_Type="image/png")
    drawing = net.put("/drawing.png", b"<svg onload='x'/>", Content_Type="image/svg+xml")
    bad = {
        "http://127.0.0.1:80/": "The address does not lie in the open internet.",
        "mugs/1.png": "This is not an address of the web (http or https).",
        net.put("/bomb.png", bomb()): "A picture has at most %(most)s megapixels.",
        page: "We take JPEG, PNG, WebP and AVIF pictures.",
        drawing: "What lies there is %(kind)s.",
        "http://shop.example/gone.png": "The server answered with the code %(status)s.",
        net.put(
            "/cut.png", picture(size=(900, 900))[:200]
        ): "The picture cannot be read; its file is damaged.",
    }

    run = take_file("a.csv", goods(*bad, net.put("/good.png", picture())))

    assert [(state, said) for _, state, said in fetch_all(net)] == [
        *(("failed", said) for said in bad.values()),
        ("done", ""),
    ]
    assert (run.rows_taken, run.rows_refused, Listing.objects.count(), Media.objects.count()) == (8, 0, 8, 1)


def test_what_may_pass_is_tried_again_with_longer_and_longer_pauses(take_file: TakeFile, net: Internet):
    url = net.put("/busy.png", status=503)
    take_file("a.csv", goods(url))

    tried = []
    for seconds in (0, 29, 30, 60, 150, 10_000, 20_000, 30_000):
        fetch_all(net, seconds=seconds)
        tried.append(net.asked["/busy.png"])

    assert tried == [1, 1, 2, 2, 3, 4, 5, 5]
    assert ImportPicture.objects.get().state == "failed"


def test_a_server_that_recovers_gives_its_picture(take_file: TakeFile, net: Internet):
    take_file("a.csv", goods(net.put("/1.png", status=503)))
    fetch_all(net)
    net.put("/1.png", picture())
    assert fetch_all(net, seconds=31) == [(2, "done", "")]


def test_a_worker_that_dies_with_a_picture_leaves_it_to_the_next(take_file: TakeFile, net: Internet):
    take_file("a.csv", goods(net.put("/1.png", picture())))
    pictures._claim(NOW)  # and nothing is heard of it again
    assert fetch_all(net) == [(2, "waiting", "")]
    assert fetch_all(net, minutes=6) == [(2, "done", "")]


def test_a_picture_that_kills_its_worker_each_time_is_given_up(take_file: TakeFile, net: Internet):
    take_file("a.csv", goods(net.put("/1.png", picture())))
    for n in range(pictures.MOST_TRIES):
        pictures._claim(NOW + n * pictures.UNDER_WAY)
    assert fetch_all(net, hours=1) == [(2, "failed", "Taking it broke off several times.")]
    assert net.connected == []


def test_the_same_file_again_fetches_nothing_twice(take_file: TakeFile, net: Internet):
    text = goods(net.put("/1.png", picture()))
    for _ in range(2):
        take_file("a.csv", text)
        fetch_all(net)
    assert (net.asked["/1.png"], Media.objects.count(), ImportPicture.objects.count()) == (1, 1, 2)


def work(net: Internet, start: threading.Barrier) -> None:
    start.wait()
    fetch_all(net)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_fetch_each_picture_once(take_file: TakeFile, net: Internet):
    urls = [net.put(f"/{n}.png", picture(size=(20 + n, 20))) for n in range(6)]
    take_file("a.csv", goods(*urls))
    start = threading.Barrier(3)
    workers = [threading.Thread(target=work, args=[net, start]) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert (Media.objects.count(), sorted(net.asked.values())) == (6, [1] * 6)


def test_where_no_connections_are_wanted_there_are_none(take_file: TakeFile, net: Internet, settings: Any):
    take_file("a.csv", goods(net.put("/1.png", picture())))
    settings.FETCH_PICTURES = False
    run = take_file("b.csv", goods(net.put("/2.png", picture())).replace("p0", "q0"))
    assert fetch_all(net) == [(2, "failed", "Pictures are not fetched here. Upload them to the listing.")]
    remark = ImportRow.objects.get(run=run, outcome="remark")
    assert remark.reasons[0]["what"] == "Pictures that were not fetched: 1."
    assert net.connected == []


def test_the_news_sets_a_worker_going(take_file: TakeFile, net: Internet, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pictures, "_way_out", lambda: net.outgoing)
    monkeypatch.setattr(tasks.clock, "now", lambda: NOW)
    monkeypatch.setattr(tasks.bulk_fetch_pictures, "delay", tasks.bulk_fetch_pictures)
    monkeypatch.setattr(tasks.bulk_import, "delay", lambda _: None)
    take_file("a.csv", goods(net.put("/1.png", picture())))
    outbox.relay()
    assert ImportPicture.objects.get().state == "done"


def test_the_import_page_shows_how_far_the_pictures_are(take_file: TakeFile, net: Internet, client: Client):
    operator = User.objects.create_user("op@example.org", "x", is_staff=True)
    give_role(user=operator, kind="operator")
    client.force_login(operator)
    run = take_file(
        "a.csv", goods(net.put("/1.png", picture()), "http://[::1]/", net.put("/3.png", status=503))
    )
    before = text_of(client, run)
    fetch_all(net)
    after = text_of(client, run)

    assert "0 of 3 pictures fetched, 0 failed, 3 still to come." in before
    assert "1 of 3 pictures fetched, 1 failed, 1 still to come." in after
    assert "The address does not lie in the open internet." in after
    assert "The server answered with the code 503. We try again." in after
    assert 'http-equiv="refresh"' in after


def text_of(client: Client, run: ImportRun) -> str:
    return client.get(reverse("admin:catalog_importrun_change", args=[run.pk])).content.decode()


def test_a_picture_is_stored_without_what_it_says_of_its_maker(take_file: TakeFile, net: Internet):
    out = io.BytesIO()
    image = Image.new("RGB", (30, 30), "blue")
    exif = image.getexif()
    exif[0x010E] = "taken at home"
    image.save(out, "JPEG", exif=exif)
    take_file("a.csv", goods(net.put("/1.jpg", out.getvalue(), Content_Type="image/jpeg")))
    fetch_all(net)
    row = Media.objects.get()
    stored = default_storage.open(file_name(row.name, row.widths[0])).read()
    assert stored[8:12] == b"WEBP"
    assert b"taken at home" not in stored
