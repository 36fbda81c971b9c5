"""Who may come to the officer's pages: compliance officers and operators."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

ROLES = ("officer", "operator")
View = Callable[..., HttpResponse]


def is_officer(user: Any) -> bool:
    """Return whether somebody signed in holds the role; remembered on the user for the request."""
    if not user.is_authenticated or not user.is_active:
        return False
    if not hasattr(user, "_is_officer"):
        user._is_officer = user.is_superuser or user.roles.filter(kind__in=ROLES).exists()
    return bool(user._is_officer)


def officers_only(view: View) -> View:
    """Send strangers to sign in, refuse everybody who is no officer."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not is_officer(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def frame(request: HttpRequest, title: str, **context: Any) -> dict[str, Any]:
    """Return the context of a page inside the admin."""
    return {**admin.site.each_context(request), "title": title, **context}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the officer's pages for the admin's sidebar; nobody else gets the theme's own list replaced."""
    if not is_officer(request.user):
        return []
    items = [
        (_("Radar"), "radar", "law-radar"),
        (_("Measures and complaints"), "front_hand", "law-measures"),
        (_("Suspensions"), "block", "law-suspensions"),
        (_("Sellers"), "storefront", "law-sellers"),
        (_("Reported reviews and questions"), "reviews", "moderation"),
        (_("Reported conversations"), "forum", "moderation-threads"),
        (_("Our own processes"), "account_balance", "law-platform"),
        (_("After the sale"), "assignment_return", "law-returns"),
        (_("Rules"), "gavel", "law-rules"),
        (_("Changes of law"), "fact_check", "law-changes"),
        (_("Law calendar"), "calendar_month", "law-calendar"),
        (_("What changes on a day"), "science", "law-simulations"),
        (_("Try a rule file"), "upload_file", "law-rule-new"),
        (_("Findings"), "flag", "admin:compliance_finding_changelist"),
        (_("Judgements"), "balance", "admin:compliance_judgement_changelist"),
        (_("Sweeps"), "cycle", "law-sweeps"),
    ]
    links = [{"title": title, "icon": icon, "link": reverse(name)} for title, icon, name in items]
    return [{"title": _("Law"), "items": links}]
