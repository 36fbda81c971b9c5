"""The calculators' pages: open to everybody, the facts in the address, the answer with its reasons."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from compliance import rulebook
from compliance.presentation import day_in_words
from compliance.publishing.topics import TOPICS
from compliance.rulebook.types import Answer
from compliance.web import ics
from compliance.web.rights_forms import BY_ASK, CALCULATORS, GROUPS, Calculator, Facts, RightsForm
from compliance.web.rights_sentences import read_day
from compliance.web.rights_words import answer_view, in_words
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid

HERE = ("on", "today", "reduction_from", "created_on")  # fields that are usually about this very day
FIRST = "withdrawal"  # the question that most people come with


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every calculator, by what people want to know; the first question can be asked right here."""
    groups = [{"title": title, "items": _cards(key, leaving_out="")} for key, title in GROUPS]
    first = BY_ASK[FIRST]
    context = {"groups": groups, "first": first, "form": _empty_form(request, first)}
    return render(request, "compliance/rights.html", context)


@require_safe
def ask(request: HttpRequest, ask: str) -> HttpResponse:
    """One calculator: its form, and the answer once the address holds facts."""
    calculator = _calculator(ask)
    form = _form(request, calculator)
    found = _answered(calculator, form)
    if found is not None and request.META["QUERY_STRING"] != _query(form):
        return redirect(f"{reverse('rights-ask', args=[ask])}?{_query(form)}")
    context: dict[str, Any] = {
        "calculator": calculator,
        "form": form,
        "crumbs": [
            {"label": gettext("Your rights"), "url": reverse("rights")},
            {"label": calculator.title, "url": ""},
        ],
        "today": day_in_words(clock.today(), _language()),
        "others": _cards(calculator.group, leaving_out=ask),
        "law": _law(ask, form),
    }
    if found is not None:
        context |= _shown(calculator, form, found, _language())
    return render(request, "compliance/calculator.html", context, status=422 if form.errors else 200)


@require_safe
def entries(request: HttpRequest, ask: str) -> HttpResponse:
    """The days of an answer as a file for a calendar; with ``entry``, one of them."""
    calculator = _calculator(ask)
    form = _form(request, calculator)
    found = _answered(calculator, form)
    days = _entries(calculator, form, found) if found is not None else {}
    only = request.GET.get("entry")
    chosen = [entry for name, entry in days.items() if only in (None, name)]
    if not chosen:
        raise Http404
    content = ics.calendar(chosen, now=clock.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{calculator.ask}.ics"'
    return response


def _cards(group: str, *, leaving_out: str) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("rights-ask", args=[one.ask]),
            "title": one.title,
            "lead": one.lead,
            "icon": one.icon,
        }
        for one in CALCULATORS
        if one.group == group and one.ask != leaving_out
    ]


def _law(ask: str, form: RightsForm) -> str:
    """Return the address of the law on a question, in the place that it was asked for."""
    place = str(form["market"].value() or "") if "market" in form.fields else ""
    about = next((topic.key for topic in TOPICS if ask in topic.asks), "")
    if place not in rulebook.default().jurisdictions:
        return reverse("public-law")
    return (
        reverse("public-law-topic", args=[place, about])
        if about
        else reverse("public-law-place", args=[place])
    )


def _calculator(name: str) -> Calculator:
    if name not in BY_ASK:
        raise Http404
    return BY_ASK[name]


def _language() -> str:
    return get_language() or "en"


def _form(request: HttpRequest, calculator: Calculator) -> RightsForm:
    """Return the form with what the address says; a market alone is no question yet."""
    form = _empty_form(request, calculator)
    if (set(request.GET) & set(form.fields)) - {"market"}:
        return RightsForm(calculator, request.GET, language=_language())
    form.initial |= {name: request.GET[name] for name in ("market",) if name in request.GET}
    return form


def _empty_form(request: HttpRequest, calculator: Calculator) -> RightsForm:
    """Return the form as it stands for this visitor: their market and this day."""
    place, today = request.place, clock.today().isoformat()  # type: ignore[attr-defined]
    form = RightsForm(calculator, language=_language())
    form.initial = dict.fromkeys(HERE, today) | {
        "market": place.market,
        "currency": place.currency,
        "tz": place.time_zone,
        "ship_from": "CN",
        "open_days": ["mon", "tue", "wed", "thu", "fri"],
        "opens": "09:00",
        "closes": "17:00",
        "created_time": "16:00",
        "first_response_min": 240,
        "quantity": 1,
        "withdrawn_quantity": 1,
    }
    return form


def _answered(calculator: Calculator, form: RightsForm) -> Answer | None:
    """Return the answer; None for an empty form, or with the error at the field that is wrong."""
    if not form.is_valid():
        return None
    try:
        return rulebook.answer(calculator.ask, calculator.facts(form.cleaned_data))
    except Invalid as error:
        form.add_error(calculator.field_of(error.field or "", form), error.in_words(gettext))
        return None


def _shown(calculator: Calculator, form: RightsForm, found: Answer, language: str) -> dict[str, Any]:
    facts: Facts = calculator.facts(form.cleaned_data)
    link = _link(calculator, _query(form))
    return {
        "answer": answer_view(calculator.ask, found, language, clock.today()),
        "link": link,
        "calendar": _calendar_links(calculator, form, found),
        "programs": {
            "url": f"{settings.SITE_URL.rstrip('/')}{reverse('api-rights-ask', args=[calculator.ask])}",
            "facts": json.dumps(facts, indent=2, ensure_ascii=False),
            "line": json.dumps({"id": "1", "ask": calculator.ask, "facts": facts}, ensure_ascii=False),
        },
    }


def _calendar_links(calculator: Calculator, form: RightsForm, found: Answer) -> list[dict[str, str]]:
    """Return a link for every deadline that is still ahead."""
    path, query = reverse("rights-ics", args=[calculator.ask]), _query(form)
    ahead = clock.today()
    return [
        {"label": entry.title, "url": f"{path}?{query}&{urlencode({'entry': name})}"}
        for name, entry in _entries(calculator, form, found).items()
        if _day(entry.when) >= ahead
    ]


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _query(form: RightsForm) -> str:
    """Return the facts as they stand in the address, without what was left as it stood."""
    return urlencode([(name, value) for name in form.fields for value in form.said(name)])


def _link(calculator: Calculator, query: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse('rights-ask', args=[calculator.ask])}?{query}"


def _entries(calculator: Calculator, form: RightsForm, found: Answer) -> dict[str, ics.Entry]:
    """Return every deadline of an answer as a calendar's entry, by the name of its field."""
    query = _query(form)
    link = _link(calculator, query)
    text = f"{calculator.title} {link}"
    return {
        name: ics.Entry(f"{calculator.ask} {name} {query}", when, title, text, link)
        for name, title, said in _days(calculator, found.answer)
        if (when := read_day(said)) is not None
    }


def _days(calculator: Calculator, answer: dict[str, Any]) -> Iterable[tuple[str, str, Any]]:
    """Yield (name, title, day) of what an answer dates, at its top and in its lists."""
    for name, title in calculator.dates:
        yield name, str(title), answer.get(name)
    for name, promised in answer.get("clocks", {}).items():
        yield name, in_words(name, _language()), promised["due_at"]
    for item in answer.get("obligations", ()):
        title = gettext("A seller must %(what)s") % {"what": in_words(item["what"], _language())}
        yield item["what"], title, item["due_on"]
