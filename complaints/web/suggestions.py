"""What people would like to be different: the public list, votes, answers, and "you said, we did"."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from complaints import operations
from complaints.domain.states import may
from complaints.domain.suggestion_states import SUGGESTION
from complaints.models import Suggestion
from complaints.operations import suggestions as writing
from complaints.queries import suggestions as reading
from complaints.web import words
from complaints.web.complain import user_of
from complaints.web.desk import agents_only
from marketplace.kernel import clock
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.ids import new_token

MEANINGS = {
    "new": "information", "shown": "information", "planned": "attention", "done": "allowed", "declined": "blocked",
    "hidden": "blocked",
}  # fmt: skip


def state_in_words(state: str) -> str:
    return {
        "new": _("waits to be read"), "shown": _("open"), "planned": _("planned"), "done": _("done"),
        "declined": _("not for now"), "hidden": _("hidden"),
    }[state]  # fmt: skip


class SuggestForm(forms.Form):
    """A wish in a sentence, with room for more."""

    title = forms.CharField(label=gettext_lazy("What should be different?"), max_length=120)
    body = forms.CharField(
        label=gettext_lazy("Why, and how would you notice?"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip


def _view(one: Any, request: HttpRequest) -> dict[str, Any]:
    zone = request.place.time_zone
    return {
        "number": one.public_id,
        "title": one.title,
        "body": one.body,
        "language": one.language,
        "state": state_in_words(one.state),
        "meaning": MEANINGS[one.state],
        "is_open": one.state in ("shown", "planned"),
        "answer": one.answer,
        "answered": words.moment(one.answered_at, request.place.language, zone),
        "made": words.moment(one.made_at, request.place.language, zone),
        "wanted": one.wanted,
        "is_mine": one.is_mine,
    }


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what people would like, the most wanted first."""
    rows = [_view(one, request) for one in reading.open_ones(user_of(request))]
    return render(request, "complaints/suggestions.html", {"page": {"rows": rows}})


@never_cache
@require_safe
def answered(request: HttpRequest) -> HttpResponse:
    """You said, we did: what came of suggestions, also where we said no."""
    rows = [_view(one, request) for one in reading.answered_ones()]
    return render(request, "complaints/you_said.html", {"page": {"rows": rows}})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def suggest(request: HttpRequest) -> HttpResponse:
    """Take a suggestion."""
    form = SuggestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        writing.suggest(
            user_id=request.user.pk, title=said["title"], body=said["body"], language=request.place.language,
            key=request.POST.get("key", "")[:100] or new_token(), now=clock.now(),
        )  # fmt: skip
        messages.success(
            request, _("Thank you. We read it first, then everybody can see it and vote for it.")
        )
        return redirect("suggestions")
    page = {"key": request.POST.get("key") or new_token()}
    return render(
        request, "complaints/suggest.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


@login_required
@require_POST
def vote(request: HttpRequest, number: str) -> HttpResponse:
    """Vote for a suggestion, or take the vote back."""
    try:
        wanted = request.POST.get("wanted") != "no"
        writing.vote(suggestion=number, user_id=request.user.pk, wanted=wanted, now=clock.now())
    except NotFound as gone:
        raise Http404 from gone
    return redirect(f"{reverse('suggestions')}#{number}")


@agents_only
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show the suggestions of one state to the desk; those that nobody has read first."""
    state = request.GET.get("state", "new")
    page = {
        "rows": [_view(one, request) for one in reading.for_desk(state)],
        "states": [(key, state_in_words(key), key == state) for key in MEANINGS],
    }
    return render(request, "complaints/desk/suggestions.html", {"page": page})


@agents_only
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer a suggestion; supervisors do."""
    one = reading.suggestion_of(number)
    if one is None:
        raise Http404
    may_answer = operations.agent_of(request.user).is_supervisor
    error = ""
    if request.method == "POST":
        if not may_answer:
            raise PermissionDenied
        try:
            writing.answer(
                suggestion=number, action=request.POST.get("action", ""), words=request.POST.get("answer", "")[:2_000],
                user_id=request.user.pk, now=clock.now(),
            )  # fmt: skip
        except RightfulError as refused:
            error = refused.in_words(_)
        else:
            messages.success(request, _("The answer is there."))
            return redirect("desk-suggestions")
    view = _view(one, request)
    actions = _actions(one) if may_answer else []
    page = {**view, "actions": actions, "error": error, "written": request.POST.get("answer", one.answer)}
    return render(request, "complaints/desk/suggestion.html", {"page": page}, status=422 if error else 200)


def _actions(one: Suggestion) -> list[tuple[str, str]]:
    labels = {
        "show": _("Show it to everybody"), "plan": _("We plan it"), "do": _("We did it"), "decline": _("We will not"),
        "hide": _("Hide it"),
    }  # fmt: skip
    return [(action, label) for action, label in labels.items() if may(SUGGESTION, one.state, action)]
