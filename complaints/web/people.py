"""Who works on the desk: languages, topics, countries, how much at once, who is away; changed by supervisors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from complaints import operations
from complaints.domain import topics
from complaints.domain.languages import known_languages
from complaints.models import Agent
from complaints.operations import notices
from complaints.operations.desk import MOST_CAPACITY
from complaints.queries import desk
from complaints.web.desk import agents_only
from compliance.checks.queries import language_name
from marketplace.accounts.place import market_choices, market_name
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError


class SkillsForm(forms.Form):
    """What somebody can do and how much at once."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Next and handing out in turn give complaints in these languages only."),
    )  # fmt: skip
    capacity = forms.IntegerField(
        label=gettext_lazy("Open complaints at once"), min_value=0, max_value=MOST_CAPACITY
    )
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("For complaints about"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: for all."),
    )  # fmt: skip
    markets = forms.MultipleChoiceField(
        label=gettext_lazy("Countries"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: for all."),
    )  # fmt: skip
    is_supervisor = forms.BooleanField(label=gettext_lazy("Leads the desk"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"].choices = [(code, language_name(code)) for code in known_languages()]
        self.fields["topics"].choices = [(key, _(label)) for key, label in topics.TOPICS.items()]
        self.fields["markets"].choices = market_choices(get_language() or "en")


@agents_only
@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List who works here, what they can do, and whose letters do not arrive."""
    language = request.place.language
    rows = [
        {
            "name": one.user.get_full_name(),
            "url": reverse("desk-person", args=[one.pk]),
            "languages": ", ".join(language_name(code) for code in one.languages),
            "topics": ", ".join(_(topics.TOPICS[key]) for key in one.topics if key in topics.TOPICS) or _("all"),
            "markets": ", ".join(market_name(code, language) for code in one.markets) or _("all"),
            "capacity": one.capacity,
            "is_away": one.presence == Agent.Presence.AWAY,
            "is_supervisor": one.is_supervisor,
            "letters": one.letters_error,
        }
        for one in desk.agents()
    ]  # fmt: skip
    return render(request, "complaints/desk/people.html", {"page": {"rows": rows}})


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show one colleague; supervisors change skills, send them away or back, and hand their complaints on."""
    one = Agent.objects.select_related("user").filter(pk=number).first()
    if one is None:
        raise Http404
    me = operations.agent_of(request.user)
    may_lead = operations.may_lead(me)
    if request.method == "POST" and not may_lead:
        raise PermissionDenied
    what = request.POST.get("what", "")
    if what in _DOINGS:
        messages.success(request, _DOINGS[what](one, me))
        return redirect("desk-person", number=number)
    names = ("languages", "topics", "markets", "capacity", "is_supervisor")
    form = SkillsForm(request.POST or None, initial={name: getattr(one, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_agent(agent_id=one.pk, skills=operations.Skills(**form.cleaned_data), by=me)
        except RightfulError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.in_words(_))
        else:
            messages.success(request, _("Changed."))
            return redirect("desk-people")
    page = {
        "name": one.user.get_full_name(), "may_lead": may_lead, "is_away": one.presence == Agent.Presence.AWAY,
        "letters": one.letters_error, "open": one.tickets.filter(state__in=("new", "open")).count(),
    }  # fmt: skip
    return render(
        request,
        "complaints/desk/person.html",
        {"page": page, "form": form},
        status=422 if form.errors else 200,
    )


def _hand_over(one: Agent, me: Agent) -> str:
    done = operations.hand_over(agent_id=one.pk, by=me, now=clock.now())
    given = ngettext("%(n)s went to colleagues", "%(n)s went to colleagues", done["given"]) % {
        "n": done["given"]
    }
    free = ngettext("%(n)s back to the queue", "%(n)s back to the queue", done["free"]) % {"n": done["free"]}
    return f"{given}, {free}."


def _away(one: Agent, me: Agent) -> str:
    operations.set_presence(agent_id=one.pk, presence=Agent.Presence.AWAY, now=clock.now())
    return _("Away. What was not begun is back in the queue.")


def _back(one: Agent, me: Agent) -> str:
    operations.set_presence(agent_id=one.pk, presence=Agent.Presence.AVAILABLE, now=clock.now())
    return _("There again.")


def _write_again(one: Agent, me: Agent) -> str:
    notices.try_again(agent_id=one.pk)
    return _("We write to them again.")


_DOINGS = {"hand-over": _hand_over, "away": _away, "back": _back, "letters": _write_again}
