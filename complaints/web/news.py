"""What is new for an agent: clocks that need them, colleagues who named them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from complaints import operations
from complaints.operations import notices as news
from complaints.queries.notices import notices_of
from complaints.web import words
from complaints.web.desk import agents_only
from marketplace.kernel import clock


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """Show an agent's news, the newest first; pressing the button says that all of it was seen."""
    agent = operations.agent_of(request.user)
    if request.method == "POST":
        news.see(agent_id=agent.pk, now=clock.now())
        return redirect("desk-notices")
    zone, language = agent.user.time_zone or request.place.time_zone, request.place.language
    rows = [
        {
            "url": reverse("desk-ticket", args=[one.ticket.public_id]),
            "number": one.ticket.public_id,
            "title": one.ticket.subject,
            "what": news.in_words(one),
            "meaning": "attention" if one.kind in ("ladder", "unsent", "drift") else "information",
            "when": words.moment(one.made_at, language, zone),
            "iso": one.made_at.isoformat(timespec="seconds"),
            "is_new": one.seen_at is None,
        }
        for one in notices_of(agent)
    ]
    page = {"rows": rows, "any_new": any(row["is_new"] for row in rows)}
    return render(request, "complaints/desk/notices.html", {"page": page})
