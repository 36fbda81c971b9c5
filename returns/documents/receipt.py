"""The receipt of a declaration: what was declared, by whom, on which day at which time. Not whether it is accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from orders.documents.paper import Paper


def receipt_pdf(content: dict[str, Any], *, number: str, received_at: datetime) -> bytes:
    """Return the PDF of a declaration's frozen content."""
    with translation.override(content["language"]):
        title = _("Receipt of your withdrawal %(number)s") % {"number": number}
        paper = Paper(title=title, language=content["language"], made_at=received_at, footer_text=title)
        paper.heading(title)
        zone = content["time_zone"]
        paper.facts(
            [
                (_("Declared by"), content["who"]["name"]),
                (_("E-mail address"), content["who"]["email"]),
                (_("Declared on"), paper.moment(content["declared_at"], zone)),
                (_("Received on"), paper.moment(received_at.isoformat(), zone)),
                (_("How"), means_in_words(content["means"])),
                (_("Time zone"), zone),
            ]
        )
        for contract in content["contracts"]:
            _contract(paper, contract)
        if content["as_written"] or content["order_said"]:
            paper.section(_("As you wrote it"))
            paper.text_block("\n".join(filter(None, [content["order_said"], content["as_written"]])))
        paper.section(_("What this paper is"))
        paper.text_block(
            _(
                "We confirm that we received this declaration with this content at this time. Keep it. What follows "
                "from it, and why, stands on its page."
            )
        )
        return paper.bytes()


def _contract(paper: Paper, contract: dict[str, Any]) -> None:
    paper.section(
        _("Order %(order)s from %(seller)s") % {"order": contract["order"], "seller": contract["seller"]}
    )
    paper.facts([(_("Contract of"), paper.day(contract["concluded_at"]))])
    paper.rows(
        [
            (_("%(n)s of %(all)s") % {"n": line["quantity"], "all": line["bought"]}, line["title"])
            for line in contract["lines"]
        ],
        widths=(1, 4),
        head=(_("Pieces"), _("What you withdraw from")),
    )


def means_in_words(means: str) -> str:
    """Return how a declaration came."""
    return {
        "function": _("on this site"),
        "e-mail": _("by e-mail"),
        "post": _("by post"),
    }[means]
