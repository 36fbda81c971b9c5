"""Conversations as the templates draw them, for either side."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.documents.message_templates import shown_text, template_text
from orders.models import Message, Thread
from orders.web.pages import moment

UTC = "UTC"


def taken_out(kinds: list[str]) -> str:
    """Return what was taken out of a message and why; "" if nothing was."""
    if not kinds:
        return ""
    names = {"email": _("an e-mail address"), "phone": _("a telephone number"), "link": _("a link")}
    what = ", ".join(names[kind] for kind in kinds)
    return _(
        "We took out: %(what)s. What is agreed here can be proved later; elsewhere nobody can help you."
    ) % {"what": what}


def answer_time(median: timedelta | None) -> str:
    """Return how soon a merchant answers, in words."""
    if median is None:
        return _("How soon this seller answers: not enough data yet.")
    hours = max(round(median.total_seconds() / 3600), 1)
    if hours < 48:
        said = ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    else:
        days = round(hours / 24)
        said = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return _("This seller usually answers within %(time)s (half of its answers in the last 90 days).") % {
        "time": said
    }


def templates_of(codes: tuple[str, ...]) -> list[dict[str, str]]:
    """Return common questions or answers, each with the address that puts it into the form."""
    return [{"code": code, "text": template_text(code), "url": f"?template={code}#write"} for code in codes]


def messages_of(thread: Thread, language: str, file_url: Any, *, mine: str) -> list[dict[str, Any]]:
    """Return what was said, with `mine` as "You"."""
    zone = thread.order.group.time_zone if thread.order else UTC
    names = {"shopper": thread.shopper_name, "merchant": thread.merchant.name, mine: _("You")}
    return [_message(one, language, zone, names, file_url) for one in thread.messages.all()]


def _message(one: Message, language: str, zone: str, names: dict[str, str], file_url: Any) -> dict[str, Any]:
    return {
        "who": names[one.by],
        "kind": {"shopper": "customer", "merchant": "merchant"}[one.by],
        "when": moment(one.said_at, language, zone),
        "iso": one.said_at.isoformat(timespec="seconds"),
        "text": shown_text(one.template, one.text),
        "is_template": bool(one.template),
        "taken_out": taken_out(one.masked),
        "original": one.original,
        "files": [{"name": file.name, "url": file_url(file)} for file in one.files.all()],
    }


def onwards(thread: Thread) -> list[dict[str, str]]:
    """Return the steps to a claim or complaint; what was said goes with them by the conversation's number."""
    if thread.order is None:
        complain = reverse("complain") + "?" + urlencode({"thread": thread.public_id})
        return [{"url": complain, "label": _("Make it a complaint")}] if thread.user_id else []
    key = thread.order.group.token
    start = reverse("claim-start", args=[key])
    claim = urlencode({"order": thread.order.public_id, "thread": thread.public_id})
    complaint = urlencode({"order": thread.order.public_id, "link": key, "thread": thread.public_id})
    return [
        {"url": f"{start}?{claim}", "label": _("Make it a claim: something is wrong with the goods")},
        {"url": f"{reverse('complain')}?{complaint}", "label": _("Make it a complaint to us")},
    ]
