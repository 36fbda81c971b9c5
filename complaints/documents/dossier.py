"""One dossier of a complaint for a body outside: a PDF for people, JSON for machines, every file, and their digests.

The archive is the same bytes for the same content. `manifest.json` names the SHA-256 of every other member, so that
whoever holds the archive can see that nothing was changed, added or left out.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from complaints.domain import topics
from marketplace.kernel.money import Money
from orders.documents.paper import Paper

MANIFEST = "manifest.json"
_FIXED = (1980, 1, 1, 0, 0, 0)  # so that the day of packing changes nothing


class BrokenDossier(ValueError):
    """The archive is not what its manifest says."""


def draw_dossier(
    case: Mapping[str, Any], files: Mapping[str, bytes], *, language: str, made_at: datetime
) -> bytes:
    """Return the archive: case.pdf, case.json, files/…, manifest.json. `case` holds JSON values only."""
    members: dict[str, bytes] = {
        "case.json": json.dumps(case, ensure_ascii=False, indent=2, sort_keys=True).encode(),
        "case.pdf": _pdf(case, language, made_at),
        **{f"files/{name}": content for name, content in files.items()},
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(members.items())}
    manifest = {"complaint": case["complaint"]["number"], "made_at": made_at.isoformat(), "sha256": digests}
    members[MANIFEST] = json.dumps(manifest, indent=2, sort_keys=True).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, _FIXED), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def verify_dossier(archive: bytes) -> dict[str, Any]:
    """Return the manifest of an archive that is whole.

    :raises BrokenDossier: naming the first member that is missing, added or changed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members = {name: opened.read(name) for name in opened.namelist()}
    except (zipfile.BadZipFile, OSError) as error:
        raise BrokenDossier("This is no archive, or it is damaged.") from error
    try:
        manifest = json.loads(members.pop(MANIFEST))
        digests = manifest["sha256"]
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenDossier(f"{MANIFEST} is missing or cannot be read.") from error
    for name in sorted(digests.keys() | members.keys()):
        if name not in members:
            raise BrokenDossier(f"{name} is missing.")
        if name not in digests:
            raise BrokenDossier(f"{name} was added.")
        if hashlib.sha256(members[name]).hexdigest() != digests[name]:
            raise BrokenDossier(f"{name} was changed.")
    return manifest


def _pdf(case: Mapping[str, Any], language: str, made_at: datetime) -> bytes:
    with translation.override(language):
        told = case["complaint"]
        paper = Paper(
            title=_("Complaint %(number)s") % {"number": told["number"]}, language=language, made_at=made_at,
            footer_text=_("Complaint %(number)s") % {"number": told["number"]},
        )  # fmt: skip
        paper.heading(_("Complaint %(number)s") % {"number": told["number"]})
        zone = told["time_zone"]
        paper.facts(
            [
                (_("About"), told["subject"]),
                (_("Topic"), _(topics.TOPICS[told["topic"]])),
                (_("Asked for"), _(topics.REMEDIES[told["remedy"]]) if told["remedy"] else ""),
                (_("Received"), paper.moment(told["received_at"], zone)),
                (_("Complainant"), ", ".join(part for part in (told["name"], told["email"]) if part)),
                (_("Lives in"), told["market"]),
                (_("Asked to help"), case["body"]["name"]),
            ]
        )
        _order_part(paper, case.get("order") or {})
        paper.section(_("What was said"))
        for said in case["messages"]:
            paper.text_block(f"{_who(said['kind'])}, {paper.moment(said['said_at'], zone)}", bold=True)
            paper.text_block(said["body"])
            for file in said["files"]:
                paper.text_block(f"{file['name']} · SHA-256 {file['sha256']}", small=True)
        if case.get("decision"):
            paper.section(_("What the marketplace decided"))
            paper.text_block(_(topics.OUTCOMES[case["decision"]["outcome"]]), bold=True)
            paper.text_block(case["decision"]["reason"])
        return paper.bytes()


def _order_part(paper: Paper, order: Mapping[str, Any]) -> None:
    if not order:
        return
    paper.section(_("The contract"))
    paper.facts(
        [
            (_("Order"), order["order"]),
            (_("Concluded"), paper.day(order["concluded_at"])),
            (_("Seller"), f"{order['seller']['name']}, {order['seller']['address']}"),
            (_("Promised by"), paper.day(order["promised_by"])),
            (_("Total"), Money(order["total_minor"], order["currency"]).display(paper.language)),
        ]
    )
    paper.rows([(str(line["quantity"]), line["title"]) for line in order["lines"]], widths=(1, 6))


def _who(kind: str) -> str:
    return {"customer": _("Complainant"), "merchant": _("Seller")}.get(kind, "Rightful")
