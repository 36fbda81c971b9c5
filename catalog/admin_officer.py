"""A listing as an officer sees it: what the law judged, the papers on file, and what came of it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from catalog.admin_editor import stored_panel
from catalog.models import Document, Listing
from catalog.queries.facts import peek_by_public_id
from compliance.rulebook.facts import document_kinds
from compliance.web.gate import frame, officers_only


@officers_only
@require_safe
def show_listing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one listing's facts, documents and judgement."""
    listing = _found(public_id)
    texts = {text.language: text for text in listing.texts.all()}
    text = texts.get(listing.language) or next(iter(texts.values()), None)
    context = {
        "listing": listing,
        "panel": stored_panel(listing),
        "facts": list(_flat(peek_by_public_id([public_id]).get(public_id, {}))),
        "papers": [
            (gettext(document_kinds().get(row.kind, row.kind)), row)
            for row in listing.documents.order_by("kind", "pk")
        ],
    }
    title = text.title if text else listing.code
    return render(request, "admin/catalog/officer_listing.html", frame(request, title, **context))


@officers_only
@require_safe
def show_paper(request: HttpRequest, public_id: str, paper: int) -> HttpResponse:
    """Send the file of a listing's document."""
    return send_paper(_found(public_id).documents.filter(pk=paper).exclude(file="").first())


def send_paper(row: Document | None) -> FileResponse:
    """Return a document's file: to be saved, and harmless if it is opened.

    :raises Http404: if there is none.
    """
    if row is None:
        raise Http404
    answer = FileResponse(
        row.file.open("rb"), as_attachment=True, filename=row.file_name, content_type=row.file_type
    )
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _found(public_id: str) -> Listing:
    listing = Listing.objects.select_related("merchant").filter(public_id=public_id).first()
    if listing is None:
        raise Http404
    return listing


def _flat(facts: Any, path: str = "") -> Any:
    """Yield facts as (name, value), nested ones with their path, as conditions of duties name them."""
    if isinstance(facts, dict) and facts:
        for name in sorted(facts):
            yield from _flat(facts[name], f"{path}.{name}" if path else str(name))
    elif isinstance(facts, list) and any(isinstance(one, dict) for one in facts):
        for n, one in enumerate(facts, start=1):
            yield from _flat(one, f"{path}[{n}]")
    elif facts not in (None, "", [], {}):
        yield path, ", ".join(map(str, facts)) if isinstance(facts, list | tuple | set) else facts
