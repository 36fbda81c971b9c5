"""A file on its way in: refused whole, taken row by row, interrupted and carried on, handed to a worker."""

from __future__ import annotations

import pytest
from django.test import override_settings

from catalog.importing import operations, subscribers
from catalog.importing.operations import UnreadableFile
from catalog.models import (
    ImportRow,
    ImportRun,
    Listing,
    ListingText,
    PriceRecord,
    Stock,
    StockMovement,
    Variant,
)
from marketplace.accounts.models import Merchant
from marketplace.kernel.errors import Conflict
from tests.catalog.importing.conftest import NOW, TakeFile

HEAD = "code,title,description,category,price,stock"


def rows(count: int) -> str:
    return "\n".join([HEAD, *(f"p{n},Shirt {n},Soft,tex.clothing,{n + 1}.50,{n}" for n in range(count))])


def test_a_file_is_taken_row_by_row(take_file: TakeFile) -> None:
    run = take_file("a.csv", f"{rows(2)}\np9,No price,,tex.clothing,,1\np8,Odd,,no such thing,2,1\n")
    assert (run.state, run.rows_total, run.rows_taken, run.rows_refused) == ("done", 4, 2, 2)
    found = ImportRow.objects.filter(outcome="refused").order_by("line")
    assert [(row.line, row.reasons[0]["field"]) for row in found] == [(4, "price"), (5, "category")]
    assert list(Listing.objects.order_by("code").values_list("code", "price_from_minor", "in_stock")) == [
        ("p0", 150, False),
        ("p1", 250, True),
    ]


def test_what_a_browser_could_run_never_enters(take_file: TakeFile) -> None:
    take_file(
        "a.csv",
        f'{HEAD}\nx,<b>Mug</b>,"<p onclick=""x()"">Tea</p><script>alert(1)</script><a href=""javascript:x()"">y</a>",kit.tableware,1,1\n',
    )
    text = ListingText.objects.get()
    assert (text.title, text.description) == ("Mug", '<p>Tea</p><a rel="noopener noreferrer">y</a>')


def test_an_interrupted_file_goes_on_without_losing_or_doubling_a_row(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "BATCH", 3)
    run = operations.upload(merchant=merchant, name="a.csv", data=rows(10).encode(), by=None, now=NOW)
    operations.start(run_id=run.pk, now=NOW)
    items = list(operations._items(run))
    operations.take_batch(run_id=run.pk, items=items, now=NOW)
    monkeypatch.setattr(operations.writing, "write_items", _fail)
    with pytest.raises(RuntimeError):
        operations.carry_on(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert (run.items_done, run.rows_taken, Listing.objects.count()) == (3, 3, 3)
    monkeypatch.undo()
    done = operations.carry_on(run_id=run.pk, now=NOW)
    assert (done.state, done.rows_taken, done.rows_refused) == ("done", 10, 0)
    assert (Listing.objects.count(), Variant.objects.count(), PriceRecord.objects.count()) == (10, 10, 10)


def _fail(**_: object) -> list[int]:
    raise RuntimeError("the machine went away")


def test_the_same_file_twice_changes_nothing(take_file: TakeFile) -> None:
    take_file("a.csv", rows(5))
    before = (Listing.objects.count(), PriceRecord.objects.count(), StockMovement.objects.count())
    take_file("a.csv", rows(5))
    assert (Listing.objects.count(), PriceRecord.objects.count(), StockMovement.objects.count()) == before
    assert list(Stock.objects.order_by("on_hand").values_list("on_hand", flat=True)) == [0, 1, 2, 3, 4]


def test_a_batch_costs_the_same_number_of_statements_for_any_size(
    merchant: Merchant, django_assert_max_num_queries: object, take_file: TakeFile
) -> None:
    take_file("warm.csv", rows(1).replace("p0", "warm"))
    counts = []
    for size in (20, 120):
        with django_assert_max_num_queries(150) as seen:  # type: ignore[operator]
            take_file("a.csv", rows(size).replace("\np", f"\n{size}-"))
        counts.append(len(seen))
    assert abs(counts[1] - counts[0]) <= 6


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b'code,title\n1,"open\n', b"code,code\n1,2\n", b"<rss>", b"[" * 60_000]
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(merchant: Merchant, data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        operations.upload(merchant=merchant, name="a.csv", data=data, by=None, now=NOW)
    assert ImportRun.objects.count() == 0


@override_settings(IMPORT_MAX_BYTES=100)
def test_a_file_too_large_is_refused(merchant: Merchant) -> None:
    with pytest.raises(UnreadableFile):
        operations.upload(merchant=merchant, name="a.csv", data=rows(9).encode(), by=None, now=NOW)


def test_a_preview_writes_nothing_and_says_what_will_happen(merchant: Merchant) -> None:
    run = operations.upload(merchant=merchant, name="a.csv", data=rows(3).encode(), by=None, now=NOW)
    seen = operations.preview(run=run)
    assert (seen["rows"], seen["taken"], seen["refused"], seen["listings"]) == (3, 3, 0, 3)
    assert seen["columns"]["mapped"]["price"] == "price"
    assert Listing.objects.count() == 0


def test_choices_are_made_before_the_start_only(merchant: Merchant) -> None:
    run = operations.upload(merchant=merchant, name="a.csv", data=rows(3).encode(), by=None, now=NOW)
    operations.choose(run_id=run.pk, currency="GBP")
    operations.start(run_id=run.pk, now=NOW)
    with pytest.raises(Conflict):
        operations.choose(run_id=run.pk, currency="USD")


def test_a_started_file_is_handed_to_a_worker(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[int] = []
    monkeypatch.setattr(subscribers.bulk_import, "delay", handed.append)
    run = operations.upload(merchant=merchant, name="a.csv", data=rows(3).encode(), by=None, now=NOW)
    operations.start(run_id=run.pk, now=NOW)
    from marketplace.kernel import outbox

    outbox.relay()
    assert handed == [run.pk]


def test_a_stopped_file_can_be_resumed(merchant: Merchant) -> None:
    run = operations.upload(merchant=merchant, name="a.csv", data=rows(3).encode(), by=None, now=NOW)
    operations.start(run_id=run.pk, now=NOW)
    assert operations.stop(run_id=run.pk, problem="broken").state == "failed"
    assert operations.resume(run_id=run.pk, now=NOW).state == "running"
    assert operations.carry_on(run_id=run.pk, now=NOW).state == "done"
