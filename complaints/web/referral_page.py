"""A case at a body outside, as its complainant and the desk see it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from complaints.domain.referral_states import WITHDRAWABLE
from complaints.models import Referral
from complaints.web import words
from compliance.presentation import day_in_words, ruling_view


def state_in_words(state: str) -> str:
    return {
        "prepared": _("ready to be sent"), "sent": _("sent"), "accepted": _("they took it on"),
        "refused": _("they did not take it on"), "decided": _("they decided"), "withdrawn": _("you took your consent back"),
    }[state]  # fmt: skip


def referral_page(one: Referral, language: str, zone: str) -> dict[str, Any]:
    """Return how one case outside stands, with its steps and the day by which something has to happen."""
    steps = [
        (_("Your yes"), one.consented_at), (_("Sent"), one.sent_at), (_("Taken on"), one.accepted_at),
        (state_in_words(one.state) if one.ended_at else _("Their answer"), one.ended_at),
    ]  # fmt: skip
    if one.state in ("refused", "withdrawn"):
        steps = [step for step in steps if step[1]]
    due = {
        "sent": _("They say whether they take it on by %(day)s."),
        "accepted": _("They decide by %(day)s."),
    }
    return {
        "id": one.public_id,
        "body": one.body["name"],
        "url": one.body.get("url", ""),
        "phone": one.body.get("phone", ""),
        "state": state_in_words(one.state),
        "state_key": one.state,
        "meaning": {"decided": "allowed", "refused": "blocked", "accepted": "allowed"}.get(one.state, "information"),
        "timeline": [
            {
                "label": label, "state": "done" if at else "next", "when": words.moment(at, language, zone),
                "iso": at.isoformat(timespec="seconds") if at else "",
            }
            for label, at in steps
        ],
        "due": due[one.state] % {"day": day_in_words(one.due_on, language)} if one.due_on and one.state in due else "",
        "rulings": [ruling_view(ruling, language) for ruling in one.rulings],
        "result": one.result,
        "digest": one.digest,
        "has_dossier": bool(one.dossier),
        "may_withdraw": one.state in WITHDRAWABLE,
        "when": words.moment(one.consented_at, language, zone),
    }  # fmt: skip
