"""The label of a return: from, to, barcode (Code 128) and QR code, on A4 with the slip that goes inside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from django.utils import translation
from django.utils.translation import gettext as _

from orders.documents.paper import INK, MARGIN, Paper
from returns.domain.barcode import QUIET, code128


def label_pdf(label: dict[str, Any], *, language: str, made_at: datetime) -> bytes:
    """Return the label. `label`: number, ret, order, carrier, method, pick_up, sender, receiver (lines), lines, url."""
    with translation.override(language):
        title = _("Return label %(number)s") % {"number": label["ret"]}
        paper = Paper(title=title, language=language, made_at=made_at, footer_text=title)
        _label(paper, label)
        paper.ln(6)
        _slip(paper, label)
        return paper.bytes()


def _label(paper: Paper, label: dict[str, Any]) -> None:
    top, width, height = paper.get_y(), paper.w - 2 * MARGIN, 108.0
    paper.set_draw_color(*INK)
    paper.rect(MARGIN, top, width, height)
    paper.set_xy(MARGIN + 5, top + 4)
    _block(paper, _("From"), label["sender"], width=width / 2 - 8)
    paper.set_xy(MARGIN + width / 2, top + 4)
    _block(paper, _("To"), label["receiver"], width=width / 2 - 8)
    _qr(paper, label["url"], x=MARGIN + width - 36, y=top + 70, size=32)
    _bars(paper, label["number"], x=MARGIN + 5, y=top + 50, height=30)
    paper.set_xy(MARGIN + 5, top + 82)
    paper.set_font("text", "B", 13)
    paper.cell(0, 6, label["number"])
    paper.set_xy(MARGIN + 5, top + 90)
    paper.set_font("text", "", 9)
    paper.cell(0, 5, f"{label['carrier']} · {label['method']}{label['pick_up']}")
    paper.set_xy(MARGIN + 5, top + 96)
    paper.cell(0, 5, _("Return %(ret)s of order %(order)s") % {"ret": label["ret"], "order": label["order"]})
    paper.set_xy(MARGIN, top + height)


def _block(paper: Paper, title: str, lines: list[str], *, width: float) -> None:
    x = paper.get_x()
    paper.set_font("text", "", 8)
    paper.cell(width, 4, title)
    for line in lines:
        paper.set_xy(x, paper.get_y() + 5)
        paper.set_font("text", "", 10)
        paper.cell(width, 5, line)


def _bars(paper: Paper, text: str, *, x: float, y: float, height: float) -> None:
    module, at = 0.5, x + QUIET * 0.5
    paper.set_fill_color(0, 0, 0)
    for i, width in enumerate(code128(text)):
        if i % 2 == 0:
            paper.rect(at, y, width * module, height, style="F")
        at += width * module


def _qr(paper: Paper, text: str, *, x: float, y: float, size: float) -> None:
    code = segno.make(text, error="m", micro=False)
    rows = list(code.matrix_iter(border=2))
    side = size / len(rows)
    paper.set_fill_color(0, 0, 0)
    for r, row in enumerate(rows):
        for c, dark in enumerate(row):
            if dark:
                paper.rect(x + c * side, y + r * side, side, side, style="F")


def _slip(paper: Paper, label: dict[str, Any]) -> None:
    paper.section(_("Put this part into the parcel"))
    paper.facts([(_("Return"), label["ret"]), (_("Order"), label["order"])])
    paper.rows(
        [(str(line["quantity"]), line["title"]) for line in label["lines"]],
        widths=(1, 6),
        head=(_("Pieces"), _("What")),
    )
    paper.text_block(
        _("Pack it so that it arrives safely. Cut the label off and stick it on the outside."), small=True
    )
