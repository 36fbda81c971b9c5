"""Tables of tracking numbers: read whatever a spreadsheet made of them, or refused with where and why."""

from __future__ import annotations

import pytest

from orders.domain.errors import BadTable
from orders.domain.tracking_file import TrackingRow, decode, parcels_of, read_table


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_found_by_their_names_in_any_order(delimiter: str) -> None:
    lines = [
        ["Tracking number", "note", "Order"],
        ["00340", "x", "R-1"],
        ["", "", ""],
        ["'00341", "y", "R-2"],
    ]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    assert read_table(text) == [TrackingRow(2, "R-1", "", "00340"), TrackingRow(4, "R-2", "", "00341")]


def test_rows_of_one_parcel_belong_together_and_whole_orders_stand_alone() -> None:
    text = "order,carrier,tracking,sku,qty\nR-1,dhl,7,A,1\nR-1,dhl,7,B,\nR-1,dhl,8,A,2\nR-2,dhl,7,,\nR-2,dhl,7,,\n"
    assert [[row.line for row in parcel] for parcel in parcels_of(read_table(text))] == [
        [2, 3],
        [4],
        [5],
        [6],
    ]


@pytest.mark.parametrize(
    ("text", "field", "data"),
    [
        ("", "file", {"column": "order"}),
        ("order,carrier\nR-1,dhl", "file", {"column": "tracking_number"}),
        ("order,tracking\n,1", "order", {"line": 2}),
        ("order,tracking,sku,quantity\nR-1,1,A,-1", "quantity", {"line": 2}),
        ("order,tracking,sku,quantity\nR-1,1,A,²", "quantity", {"line": 2}),
        ('order,tracking\n"R-1,1', "file", {}),
        ("order,tracking\n" + "R-1,1\n" * 5001, "file", {"most": 5000}),
    ],
)
def test_what_cannot_be_read_says_where(text: str, field: str, data: dict) -> None:
    with pytest.raises(BadTable) as caught:
        read_table(text)
    assert caught.value.field == field
    assert data.items() <= caught.value.data.items()


@pytest.mark.parametrize("data", [b"\xff\xfeo\x00", b"x" * 1_000_001])
def test_files_that_are_no_small_utf8_texts_are_refused(data: bytes) -> None:
    with pytest.raises(BadTable):
        decode(data)
