"""A merchant's statement of one month: what every movement was, in words, as a sheet to print."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from compliance.presentation import locale_of
from marketplace.kernel.money import Money
from orders.documents.paper import Paper, country_in_words
from orders.queries.books import Statement, StatementRow


def explained(row: StatementRow, currency: str, language: str) -> str:
    """Return what a movement was, with the numbers that it follows from."""

    def money(minor: int) -> str:
        return Money(minor, currency).display(language)

    match row.kind:
        case "sale":
            text = _(
                "Sold for %(gross)s; of it %(kept)s for tax offices, commission %(percent)s %% of the goods:"
                " %(commission)s and its tax %(tax)s."
            )
        case "refund_requested" | "chargeback_lost":
            text = (
                _(
                    "Refund %(reference)s: %(gross)s back to the buyer; of it %(kept)s taxes, commission given back %(back)s."
                )
                if row.kind == "refund_requested"
                else _(
                    "Chargeback %(reference)s lost: %(gross)s; of it %(kept)s taxes, commission given back %(back)s."
                )
            )
        case "refund_failed":
            text = _("Refund %(reference)s was not paid; it is taken back.")
        case "release":
            text = _("The time to withdraw is over and nothing is open: due to you.")
        case "payout":
            text = _("Payout %(reference)s to your bank account.")
        case "payout_bounced":
            text = _("Payout %(reference)s came back from the bank and is due again.")
        case "pay_in":
            text = _("Your transfer to us.")
        case _:
            text = row.kind
    return text % {
        "gross": money(abs(row.gross_minor)),
        "kept": money(abs(row.kept_minor)),
        "percent": row.percent,
        "commission": money(row.commission_minor),
        "tax": money(row.commission_tax_minor),
        "back": money(-row.commission_minor - row.commission_tax_minor),
        "reference": row.reference,
    }


def month_in_words(statement: Statement, language: str) -> str:
    """Return "November 2026" in a language."""
    return format_date(statement.month, format="LLLL y", locale=locale_of(language))


def statement_pdf(statement: Statement, *, language: str, made_at: datetime) -> bytes:
    """Return the PDF of a merchant's month."""
    merchant = statement.merchant
    with translation.override(language):
        title = _("Statement %(month)s, %(currency)s") % {
            "month": month_in_words(statement, language),
            "currency": statement.currency,
        }
        paper = Paper(
            title=title, language=language, made_at=made_at, footer_text=f"{title} · {merchant.legal_name}"
        )
        paper.heading(title)
        place = f"{merchant.postcode} {merchant.city}".strip()
        paper.facts(
            [
                (
                    _("Seller"),
                    f"{merchant.legal_name}, {merchant.street}, {place}, {country_in_words(merchant.country)}",
                ),
                (_("VAT number"), merchant.vat_id),
                (_("Made on"), paper.day(made_at.date().isoformat())),
            ]
        )
        _sums(paper, statement)
        _rows(paper, statement, language)
        return paper.bytes()


def _titled(row: StatementRow) -> str:
    if not row.title:
        return ""
    return f"{row.quantity} × {row.title}\n" if row.kind == "sale" else f"{row.title}\n"


def _sums(paper: Paper, statement: Statement) -> None:
    paper.section(_("Held and due"))
    currency = statement.currency
    rows = [
        (_("At the beginning"), statement.held_before, statement.payable_before),
        (
            _("Change in the month"),
            statement.held_after - statement.held_before,
            statement.payable_after - statement.payable_before,
        ),
        (_("At the end"), statement.held_after, statement.payable_after),
    ]
    paper.rows(
        [(label, paper.money(held, currency), paper.money(due, currency)) for label, held, due in rows],
        widths=(5, 3, 3),
        head=("", _("Held"), _("Due")),
        right=(1, 2),
        bold_last=True,
    )


def _rows(paper: Paper, statement: Statement, language: str) -> None:
    paper.section(_("Every movement"))
    currency = statement.currency
    rows = [
        (
            row.at.date().isoformat(),
            row.order,
            _titled(row) + explained(row, currency, language),
            paper.money(row.held_minor, currency) if row.held_minor else "",
            paper.money(row.payable_minor, currency) if row.payable_minor else "",
        )
        for row in statement.rows
    ]
    if rows:
        head = (_("Day"), _("Order"), _("What it was"), _("Held"), _("Due"))
        paper.rows(rows, widths=(3, 3, 9, 3, 3), head=head, right=(3, 4))
    else:
        paper.text_block(_("Nothing moved in this month."))
