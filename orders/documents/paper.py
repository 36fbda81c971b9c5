"""A sheet of A4: fonts, headings, facts, tables, sums, small print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TableCellFillMode, XPos, YPos
from fpdf.fonts import FontFace

from compliance.presentation import locale_of
from marketplace.kernel.money import Money

FONTS = Path(__file__).parent / "fonts"
INK, QUIET, ACCENT, LINE = (20, 35, 43), (75, 89, 98), (0, 83, 92), (200, 205, 203)
MARGIN = 20  # mm
BODY, SMALL = 9.5, 8


class Paper(FPDF):
    """A document in one language; `footer_text` stands at the foot of every page beside its number."""

    def __init__(self, *, title: str, language: str, made_at: datetime, footer_text: str) -> None:
        super().__init__(format="A4", unit="mm")
        self.language, self.footer_text = language, footer_text
        self.add_font("text", fname=FONTS / "DejaVuSans.ttf")
        self.add_font("text", "B", fname=FONTS / "DejaVuSans-Bold.ttf")
        self.add_font("cjk", fname=FONTS / "NotoSansSC-GB2312.otf")
        self.add_font("cjk", "B", fname=FONTS / "NotoSansSC-GB2312.otf")
        self.set_fallback_fonts(["cjk"], exact_match=False)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=24)
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Rightful")
        self.set_creation_date(made_at)
        self.alias_nb_pages()
        self.add_page()

    def footer(self) -> None:
        """Write the foot of a page: which paper this is, and the page's number."""
        self.set_y(-16)
        self._use(SMALL - 0.5, QUIET)
        self.cell(0, 4, self.footer_text)
        self.set_x(MARGIN)
        self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R")

    def heading(self, text: str) -> None:
        """Write the title of the paper."""
        self._use(18, ACCENT, bold=True)
        self._lines(text, 9)
        self.ln(2)

    def section(self, text: str) -> None:
        """Begin a part; it does not begin in the last lines of a page."""
        if self.will_page_break(22):
            self.add_page()
        self.ln(4)
        self._use(11.5, ACCENT, bold=True)
        self._lines(text, 6)
        self.set_draw_color(*LINE)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(2)

    def text_block(self, text: str, *, small: bool = False, bold: bool = False) -> None:
        """Write a paragraph."""
        self._use(SMALL if small else BODY, QUIET if small else INK, bold=bold)
        self._lines(text, 4 if small else 5)
        self.ln(1)

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write label and value, side by side; empty values are left out."""
        shown = [(label, value) for label, value in rows if value]
        if shown:
            self._use(BODY, INK)
            self.rows(shown, widths=(1, 3))

    def rows(
        self,
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[int],
        head: Sequence[str] | None = None,
        right: Sequence[int] = (),
        bold_last: bool = False,
    ) -> None:
        """Write a table; `right` are the columns that hold figures."""
        align = tuple("RIGHT" if i in right else "LEFT" for i in range(len(widths)))
        self._use(BODY - 0.5, INK)
        with self.table(
            col_widths=tuple(widths),
            text_align=align,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES if head else TableBordersLayout.NONE,
            first_row_as_headings=bool(head),
            headings_style=FontFace(emphasis="BOLD", color=QUIET, size_pt=SMALL),
            cell_fill_mode=TableCellFillMode.NONE,
            line_height=5,
            padding=(0.6, 1),
        ) as table:
            for row in [head, *rows] if head else rows:
                cells = table.row()
                for cell in row or ():
                    last = bold_last and row is rows[-1]
                    cells.cell(cell, style=FontFace(emphasis="BOLD") if last else None)
        self.ln(1)

    def form_line(self, label: str) -> None:
        """Write a line to be filled in by hand."""
        self._use(BODY, INK)
        self._lines(label, 5)
        self.ln(7)
        self.set_draw_color(*QUIET)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(2)

    def bytes(self) -> bytes:
        """Return the finished PDF."""
        return bytes(self.output())

    def money(self, minor: int, currency: str) -> str:
        return Money(minor, currency).display(self.language).replace("\u202f", "\u00a0")

    def day(self, iso: str | None) -> str:
        if not iso:
            return ""
        return format_date(date.fromisoformat(iso[:10]), format="long", locale=locale_of(self.language))

    def moment(self, iso: str, time_zone: str) -> str:
        at = datetime.fromisoformat(iso).astimezone(ZoneInfo(time_zone))
        return format_datetime(at, format="long", locale=locale_of(self.language))

    def _use(self, size: float, color: tuple[int, int, int], *, bold: bool = False) -> None:
        self.set_font("text", "B" if bold else "", size)
        self.set_text_color(*color)

    def _lines(self, text: str, height: float) -> None:
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def seller_lines(seller: dict[str, Any]) -> list[str]:
    """Return who sells, for an address field."""
    place = f"{seller['postcode']} {seller['city']}".strip()
    country = country_in_words(seller["country"])
    return [part for part in (seller["legal_name"], seller["street"], place, country) if part]


def buyer_lines(buyer: dict[str, Any]) -> list[str]:
    """Return who buys, for an address field."""
    address = buyer["address"]
    place = " ".join(
        part for part in (address.get("postcode"), address.get("city"), address.get("region")) if part
    )
    lines = (address.get("name"), address.get("company"), address.get("street"), address.get("extra"), place)
    return [*(line for line in lines if line), country_in_words(address.get("country", "")), buyer["email"]]


def country_in_words(country: str) -> str:
    """Return a country's name in the active language."""
    return locale_of(get_language() or "en").territories.get(country, country)


def means_in_words(provider: str) -> str:
    """Return how something was paid."""
    return {"stripe": _("card"), "offline": _("invoice or card")}.get(provider, provider)


def sum_rows(paper: Paper, amounts: dict[str, Any], currency: str) -> list[tuple[str, str]]:
    """Return the rows of a sum: what is nothing is left out, the total comes last."""
    labels = (
        ("goods_minor", _("Goods without tax")),
        ("shipping_minor", _("Shipping without tax")),
        ("duty_minor", _("Customs duty")),
        ("tax_minor", _("VAT or sales tax")),
        ("fees_minor", _("Fees")),
    )
    rows = [(label, paper.money(amounts[name], currency)) for name, label in labels if amounts[name]]
    return [*rows, (_("Total"), paper.money(amounts["total_minor"], currency))]
