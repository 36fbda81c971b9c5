"""The merchant's radar: what to mend, in order of worth, on all listings at once where one value fits all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from catalog.operations.mending import (
    PARTIES,
    Mended,
    disclose_on_many,
    show_warning_on_many,
    take_from_brand,
    withdraw_from_markets,
)
from catalog.queries.facts import describe_by_public_id
from catalog.queries.score_records import score_of_merchant
from compliance.checks.queries import in_words, market_name
from compliance.checks.registry import Described, describe, id_of
from compliance.enforcement import limits
from compliance.radar import queries
from compliance.rulebook import fields as registry
from compliance.rulebook import warning_texts
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.models import Merchant
from marketplace.accounts.scoping import editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money

FITS_ALL = ("text", "enum", "bool", "country")  # types of which one value can be right for many listings
SHOWN = 200


@require_safe
def fixes(request: HttpRequest) -> HttpResponse:
    """Show what a merchant has to mend, the dearest first; with a market, what it takes to sell there."""
    merchants = _mine(request)
    market = request.GET.get("market", "")
    market = market if market in selling_markets() else ""
    now = clock.now()
    found = queries.fixes([one.public_id for one in merchants], market=market, now=now)
    context = {
        "title": gettext("What to mend"),
        "market": market,
        "market_name": market_name(market) if market else "",
        "markets": [(code, market_name(code)) for code in selling_markets()],
        "rows": [
            (
                fix,
                view,
                Money(fix.at_risk_minor, "EUR").display(get_language() or "en"),
                limits.due_from(fix.sample),
            )
            for fix, view in zip(found, in_words([fix.sample for fix in found]), strict=True)
        ],
        "scores": [_score(one, now) for one in merchants[:5]],
    }
    return TemplateResponse(
        request, "admin/catalog/fixes.html", {**admin.site.each_context(request), **context}
    )


def _mine(request: HttpRequest) -> list[Merchant]:
    ids = merchant_ids_of(request)
    if not ids:
        raise PermissionDenied
    return list(Merchant.objects.filter(pk__in=ids).order_by("name"))


def _score(merchant: Merchant, now: Any) -> dict[str, Any]:
    score = score_of_merchant(merchant, now=now)
    parts = [(part.points, part.weight, gettext(part.why) % part.params) for part in score.parts]
    return {"name": merchant.name, "points": score.points, "parts": parts}


@require_http_methods(["GET", "POST"])
def fix(request: HttpRequest) -> HttpResponse:
    """Show the listings that miss one thing, and write it on all of them if one value fits."""
    merchants = _mine(request)
    rule, field = request.GET.get("rule", ""), request.GET.get("field", "")
    found = queries.fixes([one.public_id for one in merchants], now=clock.now(), limit=100_000)
    chosen = next((one for one in found if (one.rule, one.field) == (rule, field)), None)
    if chosen is None:
        if request.method == "GET":
            messages.success(request, gettext("This is mended everywhere."))
        return redirect("merchant-fixes")
    subjects = queries.subjects_with(rule, field, [one.public_id for one in merchants])
    entry = registry.fields().get(field)
    fits = entry is not None and entry.type in FITS_ALL and not entry.translatable
    clicks = _clicks(chosen)
    problem = ""
    if request.method == "POST":
        if not editable_ids_of(request):
            raise Http404
        try:
            if request.POST.get("do"):
                return _do(request, subjects, clicks)
            if not fits:
                raise Http404
            return _write(request, subjects, field, request.POST.get("value", ""))
        except RightfulError as error:
            problem = error.in_words(gettext)
    listings = [subject for subject in subjects if subject.startswith("listing:")]
    known = describe_by_public_id([id_of(subject) for subject in listings[:SHOWN]])
    context = {
        "title": gettext("What to mend"),
        "view": in_words([chosen.sample])[0],
        "fix": chosen,
        "listings": sorted(known.values(), key=lambda one: one.title),
        "others": _others(subjects),
        "more": max(len(listings) - SHOWN, 0),
        "entry": entry if fits and editable_ids_of(request) else None,
        "clicks": clicks if editable_ids_of(request) and listings else [],
        "problem": problem,
        "value": request.POST.get("value", ""),
    }
    page = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, "admin/catalog/fix.html", page, status=422 if problem else 200)


def _others(subjects: list[str]) -> list[Described]:
    """Return what else misses it: the merchant itself, prices, orders, parcels."""
    rest = [subject for subject in subjects if not subject.startswith("listing:")]
    return sorted(describe(rest[:SHOWN]).values(), key=lambda one: one.title)


@dataclass(frozen=True, slots=True)
class Click:
    """Something that mends a finding at once: its name in the form, what the button says, what it will do."""

    do: str
    label: str
    help: str
    run: Callable[..., list[Mended]]


def _clicks(found: Any) -> list[Click]:
    """Return what one click can do about a finding, the best first; to withdraw always helps."""
    sample, clicks = found.sample, []
    party, code = found.field.split(".")[0], sample.params.get("warning", "")
    if party in PARTIES:
        clicks.append(
            Click(
                "brand",
                gettext("Take it from the record of the brand"),
                gettext(
                    "What the listing says itself is taken out; the record fills it in, here and wherever it changes."
                ),
                partial(take_from_brand, party=party),
            )
        )
    if code and warning_texts.languages_with(code):
        wording = warning_texts.text_of(code, get_language() or "en")
        clicks.append(
            Click(
                "warning",
                gettext("Show the official warning"),
                gettext("Every buyer reads it in the language of the market: “%(text)s”")
                % {"text": wording.text if wording else code},
                partial(show_warning_on_many, code=code),
            )
        )
    where = ", ".join(market_name(code) for code in found.markets)
    clicks.append(
        Click(
            "withdraw",
            gettext("Withdraw from these markets"),
            gettext("They are no longer sent to: %(markets)s. Elsewhere nothing changes.")
            % {"markets": where},
            partial(withdraw_from_markets, markets=tuple(found.markets)),
        )
    )
    return clicks


def _do(request: HttpRequest, subjects: list[str], clicks: list[Click]) -> HttpResponse:
    click = next((one for one in clicks if one.do == request.POST["do"]), None)
    if click is None:
        raise Http404
    done = click.run(
        listings=[id_of(subject) for subject in subjects if subject.startswith("listing:")],
        merchant_ids=editable_ids_of(request),
        now=clock.now(),
    )
    return _told(request, done, withdrawn=click.do == "withdraw")


def _write(request: HttpRequest, subjects: list[str], field: str, value: str) -> HttpResponse:
    given: Any = value.strip()
    if registry.fields()[field].type == "bool":
        given = {"true": True, "false": False}.get(given, "")
    done = disclose_on_many(
        listings=[id_of(subject) for subject in subjects],
        merchant_ids=editable_ids_of(request),
        field=field,
        value=given,
        now=clock.now(),
    )
    return _told(request, done)


def _told(request: HttpRequest, done: list[Mended], *, withdrawn: bool = False) -> HttpResponse:
    mended = sum(one.problem is None for one in done)
    said = ngettext("%(n)s listing is mended and judged.", "%(n)s listings are mended and judged.", mended)
    if withdrawn:
        said = ngettext(
            "%(n)s listing is no longer sent there.", "%(n)s listings are no longer sent there.", mended
        )
    if mended:
        messages.success(request, said % {"n": mended})
    for one in done:
        if one.problem is not None:
            messages.error(request, f"{one.listing}: {one.problem.in_words(gettext)}")
    return redirect("merchant-fixes")
