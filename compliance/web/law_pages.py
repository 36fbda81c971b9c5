"""The public pages of the law: by place and topic, by rule, by words, and what changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.template import engines
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_safe

from compliance import rulebook
from compliance.presentation import day_in_words, right_card
from compliance.publishing import changes as news
from compliance.publishing import reading, searching
from compliance.publishing.rule_page import RuleView, rule_view
from compliance.publishing.topics import BY_KEY, Topic
from compliance.web.rights_forms import BY_ASK
from marketplace.kernel import clock

KEPT = 6 * 3600  # seconds; the version of the law is in the key
EXAMPLE_DAYS = (3, 5)  # how long the parcel of the example is on its way
Page = Callable[[], HttpResponse]


def _conditional(request: HttpRequest, page: Page) -> HttpResponse:
    """Answer with 304 if the reader has this very page; else draw it and say by what it is known."""
    own = [
        request.get_full_path(),
        rulebook.default().version,
        clock.today(),
        get_language(),
        *_frame(request),
    ]
    tag = quote_etag(hashlib.blake2b(repr(own).encode(), digest_size=16).hexdigest())
    found = get_conditional_response(request, etag=tag)
    response = page() if found is None or not isinstance(found, HttpResponseNotModified) else found
    if response.status_code in (200, 304):
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


def _frame(request: HttpRequest) -> tuple[Any, ...]:
    """Return what the frame of every page shows of the visitor."""
    shown: dict[str, Any] = {}
    for processor in engines["django"].engine.template_context_processors:
        shown |= processor(request)
    place = request.place  # type: ignore[attr-defined]
    waiting = len(list(shown.get("messages", ())))
    token = request.META.get("CSRF_COOKIE", "")  # forms in the frame carry it
    return place, shown.get("basket_count", 0), request.user.pk, waiting, token


def _kept(name: str, key: tuple[Any, ...], build: Callable[[], dict[str, Any]]) -> str:
    """Return a part of a page that is the same for every reader of a language, drawn once a version of law."""
    said = repr((name, key, rulebook.default().version, clock.today(), get_language(), settings.SITE_URL))
    where = f"law:{hashlib.blake2b(said.encode(), digest_size=16).hexdigest()}"
    html = cache.get(where)
    if html is None:
        html = render_to_string(f"compliance/law/{name}.html", build())
        cache.set(where, html, KEPT)
    return html


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Find the law: by words, by country, and by what one wants to know."""
    return _conditional(request, lambda: _index(request))


def _index(request: HttpRequest) -> HttpResponse:
    words, code = request.GET.get("q", "").strip()[: searching.LONGEST], request.GET.get("place", "")
    code = code if code in rulebook.default().jurisdictions else ""
    here = request.place.market  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "words": words,
        "chosen": code,
        "places": reading.places(),
        "here": reading.place(here, today=clock.today()),
        "feeds": _feeds(""),
        "total": len(rulebook.default().rules),
    }
    if words:
        found, count = searching.search(words, place=code)
        context |= {"found": [_hit(one) for one in found], "count": count, "said": _said_of(count)}
    return render(request, "compliance/law/index.html", context)


def _said_of(count: int) -> str:
    return ngettext("%(n)s rule", "%(n)s rules", count) % {"n": count}


def _hit(rule_id: str) -> reading.Provision:
    rule, today = rulebook.default().rules[rule_id], clock.today()
    version = rule.version_on(today) or rule.versions[-1]
    return reading.provision(rule, version, get_language() or "en", today=today)


def _code(place: str) -> str:
    if place not in rulebook.default().jurisdictions:
        raise Http404
    return place


def _elsewhere(place: str) -> str:
    """Return the code as it is written, if only its letters are small; "" otherwise."""
    return (
        place.upper() if place != place.upper() and place.upper() in rulebook.default().jurisdictions else ""
    )


@require_safe
def place(request: HttpRequest, place: str) -> HttpResponse:
    """The law of one place: an example, its topics, what is coming, whom to turn to."""
    if found := _elsewhere(place):
        return redirect("public-law-place", place=found, permanent=True)
    code = _code(place)
    return _conditional(request, lambda: _place(request, code))


def _place(request: HttpRequest, code: str) -> HttpResponse:
    view = reading.place(code, today=clock.today())
    crumbs = [(gettext("The law"), reverse("public-law")), (view.name, "")]
    context = {
        "view": view,
        "body": _kept("place_body", (code,), lambda: _place_body(view)),
        "places": reading.places(),
        "feeds": _feeds(code),
        **_common(crumbs, reverse("public-law-place", args=[code])),
    }
    return render(request, "compliance/law/place.html", context)


def _place_body(view: reading.PlaceView) -> dict[str, Any]:
    is_market = view.code in rulebook.default().markets()
    return {
        "view": view,
        "card": _example(view) if is_market else None,
        "asks": [_ask(one, view.code) for one in BY_ASK] if is_market else [],
        "feeds": _feeds(view.code),
        "site_url": settings.SITE_URL,
    }


def _example(view: reading.PlaceView, only: tuple[str, ...] = ()) -> dict[str, Any] | None:
    """Return the right card of something bought today; with `only`, those of its lines."""
    today = clock.today()
    arrives = today + timedelta(days=EXAMPLE_DAYS[1])
    facts = {"market": view.code, "on": today.isoformat(), "delivery_days": list(EXAMPLE_DAYS)}
    lines = [one for one in rulebook.rights_on_purchase(facts) if not only or one.key in only]
    subtitle = gettext("Bought online from a trader today, in your hands by %(day)s.") % {
        "day": day_in_words(arrives, get_language() or "en")
    }
    title = gettext("An example: %(place)s") % {"place": view.name}
    language = get_language() or "en"
    return (
        right_card(lines, title=title, subtitle=subtitle, language=language, today=today) if lines else None
    )


def _ask(ask: str, code: str) -> dict[str, Any]:
    known = BY_ASK[ask]
    url = reverse("rights-ask", args=[ask])
    takes_market = code in rulebook.default().markets()
    return {
        "title": known.title,
        "lead": known.lead,
        "icon": known.icon,
        "url": f"{url}?market={code}" if takes_market else url,
    }


@require_safe
def topic(request: HttpRequest, place: str, topic: str) -> HttpResponse:
    """One topic in one place."""
    if found := _elsewhere(place):
        return redirect("public-law-topic", place=found, topic=topic, permanent=True)
    if topic not in BY_KEY:
        raise Http404
    code, about = _code(place), BY_KEY[topic]
    return _conditional(request, lambda: _topic(request, code, about))


def _topic(request: HttpRequest, code: str, about: Topic) -> HttpResponse:
    view = reading.place(code, today=clock.today())
    crumbs = [
        (gettext("The law"), reverse("public-law")),
        (view.name, reverse("public-law-place", args=[code])),
        (gettext(about.title), ""),
    ]
    context = {
        "view": view,
        "topic": about,
        "title": gettext("%(topic)s: %(place)s") % {"topic": gettext(about.title), "place": view.name},
        "body": _kept("topic_body", (code, about.key), lambda: _topic_body(view, about)),
        "feeds": _feeds(code),
        **_common(crumbs, reverse("public-law-topic", args=[code, about.key])),
    }
    return render(request, "compliance/law/topic.html", context)


def _topic_body(view: reading.PlaceView, about: Topic) -> dict[str, Any]:
    is_market = view.code in rulebook.default().markets()
    return {
        "view": view,
        "topic": about,
        "found": reading.topic(view.code, about, today=clock.today()),
        "card": _example(view, about.card) if about.card and is_market else None,
        "asks": [_ask(ask, view.code) for ask in about.asks],
        "role_of": reading.role_in_words,
        "others": [(one, count) for one, count in view.topics if one is not about],
        "feeds": _feeds(view.code),
    }


@require_safe
def rule(request: HttpRequest, rule: str) -> HttpResponse:
    """One rule: its versions, its history, whose law it replaces, where it governs, what rests on it."""
    found = rule_view(rule, today=clock.today())
    if found is None:
        raise Http404
    history = news.history_of(rule)
    return _conditional(request, lambda: _rule(request, found, history))


def _rule(request: HttpRequest, view: RuleView, history: Any) -> HttpResponse:
    crumbs = [
        (gettext("The law"), reverse("public-law")),
        (view.place_name, reverse("public-law-place", args=[view.place])),
        (gettext(view.topic.title), reverse("public-law-topic", args=[view.place, view.topic.key])),
        (view.title, ""),
    ]
    context = {
        "view": view,
        "history": history,
        "asks": [_ask(ask, view.place) for ask in view.asks],
        "feeds": _feeds(view.place),
        **_common(crumbs, reverse("public-law-rule", args=[view.id])),
    }
    context["json_ld"] = _json([*context["crumbs_ld"], _legislation(view)])
    return render(request, "compliance/law/rule.html", context)


def _legislation(view: RuleView) -> dict[str, Any]:
    newest = view.versions[0]
    return {
        "@type": "Legislation",
        "name": view.title,
        "legislationIdentifier": view.id,
        "legislationJurisdiction": view.place_name,
        "legislationDateOfApplicability": newest.since_on,
        "legislationLegalForce": "NotInForce"
        if newest.is_ahead or newest.status in ("vacated", "draft")
        else "InForce",
        "isBasedOn": [cite.url for cite in newest.cites if cite.url],
        "url": settings.SITE_URL + reverse("public-law-rule", args=[view.id]),
    }


@require_safe
def changes(request: HttpRequest, place: str = "") -> HttpResponse:
    """What began, what begins, and what we corrected."""
    code = _code(place) if place else ""
    found = _feed_of(code)
    crumbs = [(gettext("The law"), reverse("public-law"))]
    crumbs += [(reading.place_name(code), reverse("public-law-place", args=[code]))] if code else []
    today = clock.today().isoformat()
    ahead = [one for one in found.entries if one.provision and one.provision.since_on > today]
    context = {
        "feed": found,
        "ahead": sorted(ahead, key=lambda one: one.provision.since_on if one.provision else ""),
        "past": [one for one in found.entries if one not in ahead],
        "feeds": _feeds(code),
        "code": code,
        **_common([*crumbs, (gettext("Changes"), "")], found.page.removeprefix(settings.SITE_URL)),
    }
    return render(request, "compliance/law/changes.html", context)


def _feed_of(code: str) -> news.Feed:
    site = settings.SITE_URL.rstrip("/")
    return news.feed(
        place=code, name=reading.place_name(code) if code else "", today=clock.today(), site=site
    )


@require_safe
def atom(request: HttpRequest, place: str = "") -> HttpResponse:
    """The changes as Atom."""
    return _served(request, place, news.as_atom, "application/atom+xml; charset=utf-8")


@require_safe
def as_json_feed(request: HttpRequest, place: str = "") -> HttpResponse:
    """The changes as a JSON Feed."""
    return _served(request, place, news.as_json, "application/feed+json; charset=utf-8")


def _served(request: HttpRequest, place: str, write: Callable[..., str], kind: str) -> HttpResponse:
    """Answer with a feed; readers that have it already are told so by its tag or its day."""
    found = _feed_of(_code(place) if place else "")
    text = write(found, site=settings.SITE_URL.rstrip("/"), language=get_language() or "en")
    response = HttpResponse(text, content_type=kind)
    tag = quote_etag(hashlib.blake2b(text.encode(), digest_size=16).hexdigest())
    modified = int(found.updated.timestamp())
    response["ETag"] = tag
    response["Last-Modified"] = found.updated.strftime("%a, %d %b %Y %H:%M:%S GMT")
    response["Cache-Control"] = "max-age=900"
    response["Access-Control-Allow-Origin"] = "*"  # nothing in it is anybody's own
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return get_conditional_response(request, etag=tag, last_modified=modified, response=response) or response


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page of the law, for search engines."""
    today, site = clock.today(), settings.SITE_URL.rstrip("/")
    book = rulebook.default()
    paths = [reverse("public-law"), reverse("public-law-changes")]
    for code in book.jurisdictions:
        paths.append(reverse("public-law-place", args=[code]))
        paths += [
            reverse("public-law-topic", args=[code, one.key])
            for one, _ in reading.place(code, today=today).topics
        ]
    urls = [{"loc": site + path, "day": ""} for path in paths]
    urls += [
        {"loc": site + reverse("public-law-rule", args=[one.id]), "day": one.checked_on.isoformat()}
        for one in book.rules.values()
    ]
    return render(request, "compliance/law/sitemap.xml", {"urls": urls}, content_type="application/xml")


def _feeds(code: str) -> dict[str, str]:
    of = "-place" if code else ""
    args = [code] if code else []
    return {
        "page": reverse(f"public-law{of}-changes", args=args),
        "atom": reverse(f"public-law{of}-atom", args=args),
        "json": reverse(f"public-law{of}-json", args=args),
    }


def _common(crumbs: list[tuple[str, str]], path: str) -> dict[str, Any]:
    """Return the way here, for people and for machines, and the page's own address."""
    items = [{"label": label, "url": url} for label, url in crumbs]
    trail = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": at, "name": label, "item": settings.SITE_URL + (url or path)}
            for at, (label, url) in enumerate(crumbs, 1)
        ],
    }
    return {
        "crumbs": items,
        "crumbs_ld": [trail],
        "json_ld": _json([trail]),
        "canonical": settings.SITE_URL.rstrip("/") + path,
        "today": day_in_words(clock.today(), get_language() or "en"),
    }


def _json(graph: list[dict[str, Any]]) -> str:
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return text.replace("<", "\\u003c")
