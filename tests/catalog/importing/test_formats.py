"""What each format becomes, and every way in which a file can be broken."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.importing.formats import FORMATS, recognise
from catalog.importing.reading import decode, load_json, rows_of
from catalog.importing.records import FileRefused, Item, Options
from catalog.importing.variants import settle

SHOPIFY = """Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Alt Text
mug,Blue mug,<p>Holds tea</p>,Töpfer,Mugs,true,Size,S,mug-s,300,4,12.50,,4006381333931,https://x.example/1.jpg,A mug
mug,,,,,,Size,L,mug-l,400,0,15.00,19.00,,,
mug,,,,,,,,,,,,,,https://x.example/2.jpg,
"""
WOOCOMMERCE = """ID,Type,SKU,Name,Published,Description,In stock?,Stock,Weight (kg),Sale price,Regular price,Categories,Images,Parent,Attribute 1 name,Attribute 1 value(s)
1,variable,tee,Tee,1,Soft,1,,,,,Clothing > Tops,,,Colour,"Red, Blue"
2,variation,tee-r,Tee red,1,,1,5,0.2,,9.00,,,tee,Colour,Red
3,external,x,Elsewhere,1,,1,,,,5.00,,,,,
"""
GOOGLE = """<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><item>
<g:id>a1</g:id><title>Lamp</title><g:price>30.00 EUR</g:price><g:gtin>4006381333931</g:gtin>
<g:availability>in_stock</g:availability></item></channel></rss>"""
JSON_LD = json.dumps(
    {
        "@context": "https://schema.org", "@type": "Product", "name": "Chair", "sku": "c1",
        "offers": {"@type": "Offer", "price": "80", "priceCurrency": "EUR"},
    }
)  # fmt: skip
FOOD = "code,product_name,quantity,ingredients_text,allergens_tags\n4006381333931,Honey,250 g,honey,en:milk\n"
DUMP = json.dumps(
    [
        {"model": "catalogue.product", "pk": 1, "fields": {"title": "Book", "upc": "b1"}},
        {
            "model": "partner.stockrecord",
            "pk": 1,
            "fields": {"product": 1, "price": "9.99", "num_in_stock": 3},
        },
    ]
)
OWN = json.dumps(
    {
        "format": "rightful-catalogue/1",
        "listings": [
            {"code": "o1", "texts": {"en": {"title": "Own"}}, "variants": [{"sku": "o1", "price": "3.00"}]}
        ],
    }
)
TABLE = "code,title,price,stock\nt1,Table thing,4.50,2\n"
FILES = {
    "shopify": SHOPIFY, "woocommerce": WOOCOMMERCE, "google_merchant": GOOGLE, "json_ld": JSON_LD,
    "open_food_facts": FOOD, "django_dump": DUMP, "own_json": OWN, "table": TABLE,
}  # fmt: skip


def read(text: str, options: Options | None = None) -> list[Item]:
    """Return the items of a file whose format is recognised, each settled."""
    chosen = options or Options(default_price=Decimal("1.00"))
    return [settle(item) for item in FORMATS[recognise(text, "file")].read(text, chosen)]


def refused(item: Item) -> int:
    return len(item.lines) if not item.is_taken else len(item.refused_lines)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_recognised(name: str) -> None:
    assert recognise(FILES[name], "file") == name


@pytest.mark.parametrize(
    ("name", "skus", "lost"),
    [
        ("shopify", ["mug-s", "mug-l"], 0),
        ("woocommerce", ["tee-r"], 1),
        ("google_merchant", ["a1"], 0),
        ("json_ld", ["c1"], 0),
        ("open_food_facts", ["off-4006381333931"], 0),
        ("django_dump", ["b1"], 0),
        ("own_json", ["o1"], 0),
        ("table", ["t1"], 0),
    ],
)
def test_a_file_becomes_variants_and_refusals(name: str, skus: list[str], lost: int) -> None:
    items = read(FILES[name])
    assert [v.sku for item in items if item.is_taken for v in item.draft.variants] == skus  # type: ignore[union-attr]
    assert sum(refused(item) for item in items) == lost


def test_a_struck_out_price_is_never_taken_from_a_file() -> None:
    [mug] = read(SHOPIFY)
    assert [(v.sku, v.price) for v in mug.draft.variants] == [
        ("mug-s", Decimal("12.50")),
        ("mug-l", Decimal("15.00")),
    ]  # type: ignore[union-attr]
    assert [remark.field for remark in mug.remarks] == ["Variant Compare At Price"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n ",
        b"PK\x03\x04rest of a spreadsheet",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff\xfe\xff",
        b"code,title\xff\x00,\x81",
    ],
)
def test_what_is_not_text_is_refused(data: bytes) -> None:
    with pytest.raises(FileRefused):
        decode(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_usual_encodings_are_read(encoding: str) -> None:
    assert decode("code,title\n1,Töpfchen\n".encode(encoding)) == "code,title\n1,Töpfchen\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('code,title\n1,"never closed\n', "The table is broken here"),
        ("code,title,title\n1,a,b\n", "The column title appears twice"),
        (",,\n1,2,3\n", "does not name the columns"),
        (f"code,title\n1,{'x' * 1_000_001}\n", "field larger than field limit"),
    ],
)
def test_a_broken_table_is_refused_with_its_reason(text: str, what: str) -> None:
    with pytest.raises(FileRefused) as caught:
        list(rows_of(text))
    assert what in caught.value.what


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ', "nothing"])
def test_broken_json_is_refused(text: str) -> None:
    with pytest.raises(FileRefused):
        load_json(text)


def test_entities_of_a_feed_are_never_expanded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><title>&a;</title></item></rss>'
    with pytest.raises(FileRefused) as caught:
        read(bomb)
    assert "entities" in caught.value.what


def test_control_and_direction_characters_are_dropped() -> None:
    [item] = read("code,title,price\nx,Good\u202e\x07 name,1\n")
    assert item.draft.texts["en"]["title"] == "Good name"  # type: ignore[union-attr]


CELLS = st.text(alphabet=st.sampled_from(list("ab1.,;-€<= ")), max_size=6)
ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", "c", ""]), CELLS, CELLS, CELLS, CELLS), max_size=12)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_rows_in_are_rows_taken_and_rows_refused(rows: list[tuple[str, ...]]) -> None:
    quoted = [",".join('"' + cell.replace('"', "") + '"' for cell in row) for row in rows]
    text = "\n".join(["code,title,price,stock,option1_value", *quoted]) + "\n"
    source = [line for line, _ in rows_of(text)]
    items = [settle(item) for item in FORMATS["table"].read(text, Options())]
    assert sorted(line for item in items for line in item.lines) == source
    assert sum(len(item.lines) - refused(item) for item in items) + sum(map(refused, items)) == len(source)


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("Lead 20 mg/kg; DEHP <0.05 %", ["Lead 20 mg/kg", "DEHP <0.05 %"]),
        ("Nickel | 7439-92-1", ["Nickel", "7439-92-1"]),
        ('["Nickel"]', ["Nickel"]),
        ("N,N-Dimethylformamide", ["N,N-Dimethylformamide"]),
    ],
)
def test_a_cell_of_a_list_holds_several_entries(cell: str, read_as: list[str]) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    [item] = read(f"code,title,sku,price,currency,disclosure.substances\nT-1,A toy,T-1,9.90,EUR,{quoted}\n")
    assert item.draft is not None
    assert item.draft.disclosures == {"substances": read_as}
