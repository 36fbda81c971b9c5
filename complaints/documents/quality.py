"""How well complaints were handled in one month, as a sheet to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.queries.reports import Row
from compliance.presentation import locale_of
from orders.documents.paper import Paper

WIDTHS = (46, 16, 16, 20, 24, 24, 24)


def percent(share: float | None) -> str:
    """Return a share of deadlines kept, never rounded up to what it is not."""
    return "–" if share is None else f"{int(share * 100)} %"


def quality_pdf(
    *, month: date, whole: Row | None, groups: Sequence[tuple[str, Sequence[tuple[str, Row]]]], language: str, made_at: datetime
) -> bytes:  # fmt: skip
    """Return the PDF of a month: the whole first, then by each group (its name, and its labelled rows)."""
    with translation.override(language):
        named = format_date(month, format="LLLL y", locale=locale_of(language))
        title = _("Complaints in %(month)s") % {"month": named}
        paper = Paper(title=title, language=language, made_at=made_at, footer_text=title)
        paper.heading(title)
        if whole is None:
            paper.text_block(_("No complaint was received in this month."))
            return paper.bytes()
        paper.facts(_facts(whole))
        for name, rows in groups:
            paper.section(name)
            paper.rows(
                [_cells(label, row) for label, row in rows],
                widths=WIDTHS,
                head=_heads(name),
                right=range(1, 7),
            )
        paper.text_block(
            _(
                "Shares are of those clocks that are over. A month counts the complaints that were received in it, by UTC."
            ),
            small=True,
        )
        return paper.bytes()


def _facts(row: Row) -> list[tuple[str, str]]:
    return [
        (_("Received"), str(row.received)),
        (_("Closed"), str(row.closed)),
        (_("Opened again"), str(row.reopened)),
        (_("First answer in time"), percent(row.first_in_time)),
        (_("Decided in time"), percent(row.decided_in_time)),
        (_("Rated 1 to 5"), _rated(row)),
    ]


def _heads(name: str) -> list[str]:
    return [
        name,
        _("Received"),
        _("Closed"),
        _("Opened again"),
        _("First answer in time"),
        _("Decided in time"),
        _("Rated 1 to 5"),
    ]


def _cells(label: str, row: Row) -> list[str]:
    shares = percent(row.first_in_time), percent(row.decided_in_time)
    return [label, str(row.received), str(row.closed), str(row.reopened), *shares, _rated(row)]


def _rated(row: Row) -> str:
    return "–" if row.satisfaction is None else f"{row.satisfaction:.1f} ({row.rated})"
