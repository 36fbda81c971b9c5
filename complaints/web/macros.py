"""Prepared replies: everybody on the desk reads them, supervisors write them and see them filled in first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from complaints import operations
from complaints.domain import topics
from complaints.domain.errors import Incomplete
from complaints.domain.macros import PLAIN
from complaints.models import Macro
from complaints.operations.macros import save_macro
from complaints.queries import macros as prepared
from complaints.web.desk import agents_only
from compliance.rulebook.words import noop
from marketplace.accounts.place import market_choices
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError


class MacroForm(forms.Form):
    """One prepared reply in the shop's languages."""

    name = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("For complaints about"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: for all."),
    )  # fmt: skip
    then = forms.ChoiceField(label=gettext_lazy("After sending"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("Offer it to agents"), required=False, initial=True)
    market = forms.ChoiceField(
        label=gettext_lazy("See it as for a buyer in"), initial=settings.DEFAULT_MARKET
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = [(key, _(label)) for key, label in topics.TOPICS.items()]
        self.fields["then"].choices = [
            ("", _("nothing more")),
            ("wait_for_customer", _("wait for the buyer")),
        ]
        self.fields["market"].choices = market_choices(get_language() or settings.LANGUAGE_CODE)
        for code, language in settings.LANGUAGES:
            self.fields[f"body_{code}"] = forms.CharField(
                label=language, required=code == "en", max_length=5_000, widget=forms.Textarea(attrs={"rows": 7, "lang": code})
            )  # fmt: skip
        self.order_fields(["name", *(f"body_{code}" for code, _label in settings.LANGUAGES)])

    def bodies(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"body_{code}"] for code, _label in settings.LANGUAGES}


@agents_only
@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the prepared replies with their languages and whether they are offered."""
    rows = [
        {
            "slug": one.slug,
            "name": one.name,
            "languages": ", ".join(str(label) for code, label in settings.LANGUAGES if code in one.bodies),
            "topics": ", ".join(_(topics.TOPICS[topic]) for topic in one.topics) or _("all"),
            "is_active": one.is_active,
        }
        for one in prepared.macros()
    ]
    page = {"rows": rows, "may_write": operations.agent_of(request.user).is_supervisor}
    return render(request, "complaints/desk/macros.html", {"page": page})


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Write a prepared reply: looked at first, kept by its own button."""
    found = Macro.objects.filter(slug=slug).first() if slug else None
    if slug and found is None:
        raise Http404
    may_write = operations.agent_of(request.user).is_supervisor
    if request.method == "POST" and not may_write:
        raise PermissionDenied
    form = MacroForm(request.POST or None, initial=_initial(found))
    shown: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            if "save" in request.POST:
                _save(form, found)
                messages.success(request, _("The reply is kept."))
                return redirect("desk-macros")
            shown = _preview(form)
        except RightfulError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.in_words(_))
    page = {"title": found.name if found else _("A new prepared reply"), "may_write": may_write, "shown": shown,
            "plain": [f"{{{{{name}}}}}" for name in PLAIN]}  # fmt: skip
    return render(
        request,
        "complaints/desk/macro.html",
        {"page": page, "form": form},
        status=422 if form.errors else 200,
    )


def _initial(found: Macro | None) -> dict[str, Any]:
    if found is None:
        return {"is_active": True}
    bodies = {f"body_{code}": body for code, body in found.bodies.items()}
    return {
        "name": found.name,
        "topics": found.topics,
        "then": found.then,
        "is_active": found.is_active,
        **bodies,
    }


def _save(form: MacroForm, found: Macro | None) -> None:
    said = form.cleaned_data
    slug = found.slug if found else slugify(said["name"])[:60]
    if found is None and Macro.objects.filter(slug=slug).exists():
        raise Incomplete(noop("Another reply has this title."), field="name")
    save_macro(slug=slug, name=said["name"], bodies=form.bodies(), about=said["topics"], then=said["then"],
               is_active=said["is_active"])  # fmt: skip


def _preview(form: MacroForm) -> list[dict[str, str]]:
    market, today = form.cleaned_data["market"], clock.today()
    shown = []
    for code, label in settings.LANGUAGES:
        if body := form.bodies()[code].strip():
            text = prepared.with_law(body, prepared.SAMPLE, market=market, language=code, on=today)
            why = _("It is not offered there: that place has no such law.")
            shown.append({"language": str(label), "code": code, "body": text or why})
    return shown
