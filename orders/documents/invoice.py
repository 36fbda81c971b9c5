"""The invoice of one order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from orders.documents.paper import Paper, buyer_lines, seller_lines, sum_rows


def invoice_pdf(content: dict[str, Any], *, number: str, issued_at: datetime) -> bytes:
    """Return the PDF of an invoice's frozen content."""
    with translation.override(content["language"]):
        title = _("Invoice %(number)s") % {"number": number}
        paper = Paper(
            title=title,
            language=content["language"],
            made_at=issued_at,
            footer_text=f"{title} · {content['seller']['legal_name']}",
        )
        paper.heading(title)
        _heads(paper, content, number, issued_at)
        _lines(paper, content)
        _tax(paper, content)
        return paper.bytes()


def _heads(paper: Paper, content: dict[str, Any], number: str, issued_at: datetime) -> None:
    seller = content["seller"]
    paper.facts(
        [
            (_("Seller"), ", ".join(seller_lines(seller))),
            (_("VAT number"), seller["vat_id"]),
            (
                _("Trade register"),
                " ".join(filter(None, [seller["register_name"], seller["register_number"]])),
            ),
            (_("Buyer"), ", ".join(buyer_lines(content["buyer"]))),
            (_("Invoice number"), number),
            (_("Date of the invoice"), paper.day(issued_at.date().isoformat())),
            (_("Ordered on"), paper.day(content["ordered_on"])),
            (_("Supplied on"), paper.day(content["supplied_on"])),
            (_("Order"), content["order"]["public_id"]),
        ]
    )


def _lines(paper: Paper, content: dict[str, Any]) -> None:
    currency = content["currency"]
    paper.section(_("Goods"))
    rows = [
        (
            str(line["quantity"]),
            "\n".join(
                filter(None, [line["title"], ", ".join(f"{n}: {v}" for n, v in line["options"]), line["sku"]])
            ),
            paper.money(line["goods_minor"], currency),
            f"{line['tax_percent']} %" if line["tax_percent"] else "–",
            paper.money(line["total_minor"], currency),
        )
        for line in content["lines"]
    ]
    head = (_("Pieces"), _("Product"), _("Without tax"), _("Tax rate"), _("With shipping, duty, tax"))
    paper.rows(rows, widths=(2, 8, 4, 3, 5), head=head, right=(2, 3, 4))
    paper.rows(sum_rows(paper, content, currency), widths=(9, 3), right=(1,), bold_last=True)


def _tax(paper: Paper, content: dict[str, Any]) -> None:
    currency = content["currency"]
    paper.section(_("Tax by rate"))
    rows = [
        (
            f"{one['percent']} %" if one["percent"] else _("no tax"),
            paper.money(one["net_minor"], currency),
            paper.money(one["tax_minor"], currency),
        )
        for one in content["tax_by_rate"]
    ]
    paper.rows(rows, widths=(2, 3, 3), head=(_("Tax rate"), _("Without tax"), _("Tax")), right=(1, 2))
    if content["collected_by"] == "platform_at_checkout":
        paper.text_block(_("The marketplace collects this tax and pays it to the tax office."), small=True)
