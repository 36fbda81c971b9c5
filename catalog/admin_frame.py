"""What the admin's own pages share: their frame, whose things they show, and taking the last change back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from catalog.admin_forms import say
from marketplace.accounts.models import Merchant
from marketplace.accounts.scoping import editable_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError

UNDO, KEPT = "catalog.undo", timedelta(minutes=15)
# What can be taken back, by name: (what was remembered, whose things may be changed, by whom, now) → nothing.
Restore = Callable[[Mapping[str, Any], Collection[int], Any, datetime], None]
RESTORES: dict[str, Restore] = {}


def restores(kind: str) -> Callable[[Restore], Restore]:
    """Register how a kind of change is taken back."""

    def register(act: Restore) -> Restore:
        RESTORES[kind] = act
        return act

    return register


def remember(request: HttpRequest, kind: str, label: str, **data: Any) -> None:
    """Keep what a change replaced, so that its author can take it back for a while; the last one counts."""
    until = (clock.now() + KEPT).isoformat()
    request.session[UNDO] = {"kind": kind, "label": label, "data": data, "until": until}


def undo_of(request: HttpRequest) -> dict[str, Any] | None:
    """Return what can still be taken back."""
    found = request.session.get(UNDO)
    return found if found and datetime.fromisoformat(found["until"]) > clock.now() else None


class Page:
    """Mixed into a ModelAdmin: draws pages of its own inside the admin's frame."""

    admin_site: Any
    model: Any

    def page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "undo": undo_of(request),
            "here": request.get_full_path(),
            **context,
        }
        return TemplateResponse(request, template, whole)

    def mine(self, request: HttpRequest, object_id: str, *, to_change: bool = False) -> Any:
        """Return an object of the signed-in person's merchants; for others it does not exist."""
        found = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        allowed = self.has_change_permission if to_change else self.has_view_permission  # type: ignore[attr-defined]
        if not allowed(request, found):
            raise PermissionDenied
        return found

    def merchants(self, request: HttpRequest) -> QuerySet[Merchant]:
        return Merchant.objects.filter(pk__in=editable_ids_of(request)).order_by("name")

    def undo(self, request: HttpRequest) -> HttpResponse:
        """Take the last change back, if nothing changed since."""
        found = undo_of(request)
        if request.method == "POST" and found and found["kind"] in RESTORES:
            del request.session[UNDO]
            try:
                RESTORES[found["kind"]](found["data"], editable_ids_of(request), request.user, clock.now())
                messages.success(request, gettext("Undone."))
            except RightfulError as error:
                messages.error(request, say(error))
        elif request.method == "POST":
            messages.error(request, gettext("There is nothing to undo any more."))
        return HttpResponseRedirect(self._way_back(request))

    def _way_back(self, request: HttpRequest) -> str:
        target = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()})
        return target if is_ours and target else reverse("admin:index")
