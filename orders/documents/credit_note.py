"""The credit note of one refund: which invoice it corrects, by what, with the tax at the invoice's rates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from orders.documents.paper import Paper, buyer_lines, seller_lines, sum_rows


def credit_note_pdf(content: dict[str, Any], *, number: str, issued_at: datetime) -> bytes:
    """Return the PDF of a credit note's frozen content."""
    with translation.override(content["language"]):
        title = _("Credit note %(number)s") % {"number": number}
        paper = Paper(
            title=title,
            language=content["language"],
            made_at=issued_at,
            footer_text=f"{title} · {content['seller']['legal_name']}",
        )
        paper.heading(title)
        paper.text_block(
            _("This corrects invoice %(number)s of %(day)s. The amounts below went back to the buyer.")
            % {
                "number": content["corrects"]["number"],
                "day": paper.day(content["corrects"]["issued_on"]),
            }
        )
        _heads(paper, content, number, issued_at)
        _lines(paper, content)
        _tax(paper, content)
        return paper.bytes()


def _heads(paper: Paper, content: dict[str, Any], number: str, issued_at: datetime) -> None:
    seller = content["seller"]
    register = " ".join(filter(None, [seller["register_name"], seller["register_number"]]))
    paper.facts(
        [
            (_("Seller"), ", ".join(seller_lines(seller))),
            (_("VAT number"), seller["vat_id"]),
            (_("Trade register"), register),
            (_("Buyer"), ", ".join(buyer_lines(content["buyer"]))),
            (_("Credit note number"), number),
            (_("Date of the credit note"), paper.day(issued_at.date().isoformat())),
            (_("Corrects invoice"), content["corrects"]["number"]),
            (_("Ordered on"), paper.day(content["ordered_on"])),
            (_("Supplied on"), paper.day(content["supplied_on"])),
            (_("Order"), content["order"]["public_id"]),
            (_("Refund"), content["refund"]),
        ]
    )


def _lines(paper: Paper, content: dict[str, Any]) -> None:
    currency = content["currency"]
    paper.section(_("What went back"))
    rows = [
        (
            str(line["quantity"] or "–"),
            line["title"],
            paper.money(line["net_minor"], currency),
            f"{line['tax_percent']} %" if line["tax_percent"] else "–",
            paper.money(line["total_minor"], currency),
        )
        for line in content["lines"]
    ]
    head = (_("Pieces"), _("Product"), _("Without tax"), _("Tax rate"), _("With tax"))
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
        paper.text_block(_("The marketplace corrects this tax with the tax office."), small=True)
