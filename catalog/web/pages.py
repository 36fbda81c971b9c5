"""From the queries to what list pages show: cards, facets as links, sorts, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_currency
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Category, Listing, ListingText, Media
from catalog.queries import shop
from catalog.queries.cards import cards_of
from catalog.queries.views import CardView, PictureView, PriceView
from catalog.web.trader import trader_view
from catalog.web.voice_views import stars
from compliance.presentation import locale_of
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place, market_name

SIZES = "(min-width: 60rem) 18rem, 46vw"
GALLERY_SIZES = "(min-width: 56rem) 38rem, 94vw"
IN_SIGHT = 6  # choices of a facet that are not folded away


def text_of(listing: Listing, language: str) -> ListingText | None:
    """Return the words in the visitor's language, else the original, else English, else any."""
    texts = {text.language: text for text in listing.texts.all()}
    for choice in (language, language.split("-")[0], listing.language, "en"):
        if choice in texts:
            return texts[choice]
    return next(iter(texts.values()), None)


def image_of(media: Media, language: str, width: int = 640) -> dict[str, Any]:
    """Return a picture's sources and its alternative text."""
    base = f"{settings.MEDIA_URL}pictures/{media.name}"
    widths = media.widths or [media.width]
    best = next((w for w in widths if w >= width), widths[-1])
    return {
        "src": f"{base}-{best}.webp",
        "srcset": ", ".join(f"{base}-{w}.webp {w}w" for w in widths),
        "sizes": SIZES,
        "full": f"{base}-{widths[-1]}.webp",
        "thumb": f"{base}-{widths[0]}.webp",
        "alt": media.alt.get(language) or media.alt.get(language.split("-")[0]) or media.alt.get("en", ""),
        "width": best,
        "height": round(best * media.height / media.width),
    }


def category_name(category: Category, language: str) -> str:
    """Return a category's name in a language, else in English."""
    return (
        category.names.get(language)
        or category.names.get(language.split("-")[0])
        or category.names.get("en", category.code)
    )


def country_name(code: str, language: str) -> str:
    """Return a country's name in a language."""
    return str(locale_of(language).territories.get(code, code))


def cards(views: Iterable[CardView], place: Place) -> list[dict[str, Any]]:
    """Return the parameters of components/product_card.html for listings in a list."""
    return [card(view, place) for view in views]


def card(view: CardView, place: Place) -> dict[str, Any]:
    """Return the parameters of components/product_card.html."""
    return {
        "public_id": view.listing,
        "url": reverse("product", args=[view.slug, view.listing]),
        "name": view.title,
        "language": view.language if view.language != place.language else "",
        "by": f"{view.merchant_name}, {country_name(view.merchant_country, place.language)}",
        "image": _picture(view.picture) if view.picture else None,
        "price": price_view(view.price, place, starts=view.has_more_prices),
        "badges": _badges(view),
        "rating": stars(view.rating, view.rating_count, place.language),
        "ad": view.is_promoted,
    }


def _picture(view: PictureView) -> dict[str, Any]:
    width = min(view.width, 640)
    return {
        "src": view.src,
        "srcset": view.srcset,
        "sizes": SIZES,
        "alt": view.alt,
        "width": width,
        "height": round(width * view.height / view.width) if view.width else width,
    }


def _badges(view: CardView) -> list[dict[str, str]]:
    badges = []
    if view.free_returns:
        badges.append({"meaning": "", "label": _("Free returns"), "icon": "undo-2"})
    if not view.in_stock:
        badges.append({"meaning": "attention", "label": _("Sold out"), "icon": ""})
    return badges


def price_view(priced: PriceView | None, place: Place, *, starts: bool = False) -> dict[str, Any] | None:
    """Return the parameters of components/price.html."""
    where = market_name(place.market, place.language)
    if priced is None:
        return {"total": "—", "where": _("not delivered to %(place)s") % {"place": where}}
    return {
        "total": priced.total.display(place.language),
        "where": _("to %(place)s, all in") % {"place": where},
        "starts": starts,
        "unit": f"{priced.unit.display(place.language)} / {priced.unit_label}" if priced.unit else "",
        "parts": parts_of(priced, place),
        "note": ""
        if priced.certain
        else _("At least: ") + " ".join(_(reason) for reason in priced.reasons[:1]),
        **_prior(priced, place),
    }


def _prior(priced: PriceView, place: Place) -> dict[str, str]:
    """Return the lowest price before a reduction beside the price of the goods now, both without delivery."""
    if priced.prior is None:
        return {}
    return {
        "prior": priced.prior.display(place.language),
        "prior_note": _("the seller’s lowest price in the days before, without delivery; now %(now)s")
        % {"now": priced.shown.display(place.language)},
    }


def parts_of(priced: PriceView, place: Place) -> list[dict[str, str]]:
    """Return the rows of a landed price: each part that is not nothing."""
    parts = [
        (_("Goods"), priced.goods),
        (_("Delivery"), priced.shipping),
        (_("Customs duty"), priced.duty),
        (_("Tax"), priced.tax),
        (_("Fees"), priced.fees),
    ]
    return [
        {"label": label, "amount": amount.display(place.language), "note": ""}
        for label, amount in parts
        if amount
    ]


def home_page(place: Place, *, now: datetime) -> dict[str, Any]:
    """Return the front door: rooms to look into and something of everybody."""
    on = shop.now_in(place, now)
    shown = cards(shop.newest(place, on, 13), place)
    return {
        "place_name": market_name(place.market, place.language),
        "hero": next((one for one in shown if one["image"]), None),
        "rooms": [
            {
                "url": reverse("category", args=[category.slug]),
                "label": category_name(category, place.language),
                "count_label": ngettext("%(n)s thing", "%(n)s things", count) % {"n": count},
            }
            for category, count in shop.rooms(place)
        ],
        "shelves": [{"title": _("New here"), "url": reverse("search") + "?sort=newest", "cards": shown[1:]}],
    }


def list_page(
    filters: shop.Filters, place: Place, *, path: str, given: QueryDict, now: datetime
) -> dict[str, Any]:
    """Return a list with its facets, sorts and neighbours; every choice is a link with an address of its own."""
    on = shop.now_in(place, now)
    found = shop.list_listings(filters, place, on)
    link = Links(path, given)
    facets = _facets(found, filters, place, link)
    cleared = link.cleared() if filters.values or filters.flags or filters.least or filters.most else ""
    count = f"{found.count:,}+" if found.is_capped else str(found.count)
    return {
        "cards": cards(found.cards, place),
        "count_label": ngettext(
            "%(n)s thing that may be sold to you", "%(n)s things that may be sold to you", found.count
        )
        % {"n": count},
        "correction": found.correction,
        "facets": facets,
        "chips": _chips(facets, filters, place, link),
        "sorts": _sorts(filters, link),
        "price_form": _price_form(path, given, place),
        "cleared_url": cleared,
        "nothing": {"url": cleared, "label": _("Clear all filters")} if cleared else None,
        "is_filtered": bool(given),
        "next_url": link.to(after=found.following) if found.following else "",
        "first_url": link.to() if filters.after else "",
    }


class Links:
    """Addresses of the same list with one choice changed."""

    def __init__(self, path: str, given: QueryDict) -> None:
        self.path, self.given = path, {name: given[name] for name in given if given[name]}

    def to(self, **changes: str) -> str:
        """Return the address with these choices set, or dropped where they are empty."""
        merged = {**self.given, "after": "", **changes}
        query = urlencode({name: value for name, value in sorted(merged.items()) if value})
        return f"{self.path}?{query}" if query else self.path

    def cleared(self) -> str:
        """Return the address with nothing but the words and the sort."""
        kept = {name: self.given[name] for name in ("q", "sort") if name in self.given}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


@dataclass(frozen=True, slots=True)
class ChoiceLink:
    """One choice of a facet: a link to the list with it, or without it where it is chosen."""

    label: str
    count: int
    url: str
    selected: bool


@dataclass(frozen=True, slots=True)
class FacetLinks:
    """A group of choices; what is asked for rarely is folded away."""

    label: str
    options: tuple[ChoiceLink, ...]
    more: tuple[ChoiceLink, ...] = ()

    @classmethod
    def of(cls, label: str, choices: Sequence[ChoiceLink]) -> FacetLinks:
        """Return the group with its first choices in sight, and every chosen one."""
        shown = [n < IN_SIGHT or choice.selected for n, choice in enumerate(choices)]
        if len(choices) <= IN_SIGHT + 2:  # a fold for one or two costs more than it saves
            shown = [True] * len(choices)
        return cls(
            label,
            tuple(choice for choice, seen in zip(choices, shown, strict=True) if seen),
            tuple(choice for choice, seen in zip(choices, shown, strict=True) if not seen),
        )


def _facets(found: shop.Found, filters: shop.Filters, place: Place, link: Links) -> list[FacetLinks]:
    titles = {
        "seller_country": _("Seller’s country"),
        "origin": _("Made in"),
        "condition": _("Condition"),
        "brand": _("Brand"),
    }
    flags = _flags(found, filters, link)
    facets = [FacetLinks.of(_("What matters to you"), flags)] if flags else []
    for name, title in titles.items():
        chosen = filters.values.get(name)
        choices = [
            ChoiceLink(
                label=_facet_label(name, value, place.language),
                count=count,
                selected=chosen == value,
                url=link.to(**{name: "" if chosen == value else value}),
            )
            for value, count in found.facets[name]
        ]
        if len(choices) > 1 or chosen:
            facets.append(FacetLinks.of(title, choices))
    return facets


def _flags(found: shop.Found, filters: shop.Filters, link: Links) -> list[ChoiceLink]:
    titles = {
        "in_stock": _("In stock"),
        "free_returns": _("Free returns"),
        "verified": _("Verified trader"),
        "reduced": _("Reduced"),
        "guarantee": _("Producer’s guarantee beyond the law"),
    }
    return [
        ChoiceLink(
            label=title,
            count=found.flags[name],
            selected=name in filters.flags,
            url=link.to(**{name: "" if name in filters.flags else "1"}),
        )
        for name, title in titles.items()
        if found.flags[name] or name in filters.flags
    ]


def _chips(
    facets: Iterable[FacetLinks], filters: shop.Filters, place: Place, link: Links
) -> list[dict[str, str]]:
    """Return what is filtered now, each with the address without it."""
    chosen = [choice for facet in facets for choice in facet.options if choice.selected]
    chips = [{"label": choice.label, "remove_url": choice.url} for choice in chosen]
    locale = locale_of(place.language)
    for name, words, amount in (
        ("min", _("from %(amount)s"), filters.least),
        ("max", _("up to %(amount)s"), filters.most),
    ):
        if amount is not None:
            shown = format_currency(amount, place.currency, locale=locale)
            chips.append({"label": words % {"amount": shown}, "remove_url": link.to(**{name: ""})})
    return chips


def _facet_label(name: str, value: str, language: str) -> str:
    if name in ("seller_country", "origin"):
        return country_name(value, language)
    if name == "condition":
        return {"new": _("new"), "used": _("used"), "refurbished": _("refurbished")}.get(value, value)
    return value


def _sorts(filters: shop.Filters, link: Links) -> list[dict[str, Any]]:
    labels = {
        "relevance": _("Most relevant"), "newest": _("Newest"), "price": _("Lowest price"), "dearest": _("Highest price"), "rating": _("Best rated"),
    }  # fmt: skip
    return [
        {
            "label": label,
            "url": link.to(sort="" if name == "relevance" else name),
            "current": filters.sort == name,
        }
        for name, label in labels.items()
    ]


def _price_form(path: str, given: QueryDict, place: Place) -> dict[str, Any]:
    hidden = [
        {"name": name, "value": given[name]} for name in sorted(given) if name not in ("min", "max", "after")
    ]
    return {
        "action": path,
        "currency": place.currency,
        "min": given.get("min", ""),
        "max": given.get("max", ""),
        "hidden": hidden,
    }


def category_head(category: Category, place: Place) -> dict[str, Any]:
    """Return a category's title, the way to it, and what is inside."""
    crumbs = [{"label": _("Everything"), "url": reverse("search")}]
    if category.parent:
        crumbs.append(
            {
                "label": category_name(category.parent, place.language),
                "url": reverse("category", args=[category.parent.slug]),
            }
        )
    crumbs.append({"label": category_name(category, place.language), "url": ""})
    children = [
        {"label": category_name(child, place.language), "url": reverse("category", args=[child.slug])}
        for child in shop.rooms_in(category, place)
    ]
    return {"title": category_name(category, place.language), "crumbs": crumbs, "children": children}


def merchant_page(
    merchant: Merchant, filters: shop.Filters, place: Place, *, path: str, given: QueryDict, now: datetime
) -> dict[str, Any]:
    """Return a merchant's page."""
    page = list_page(filters, place, path=path, given=given, now=now)
    rate = shop.shipping_to(place.market, [merchant.pk]).get(merchant.pk)
    where = market_name(place.market, place.language)
    shipping = []
    if rate:
        shipping.append(
            _("%(least)s to %(most)s days to %(place)s with %(carrier)s.")
            % {
                "least": rate.min_days,
                "most": rate.max_days,
                "place": where,
                "carrier": rate.carrier or _("the post"),
            }
        )
    return page | {
        "name": merchant.name,
        "public_id": merchant.public_id,
        "story": merchant.story.get(place.language) or merchant.story.get("en", ""),
        "trader": trader_view(merchant, place),
        "shipping": shipping,
    }


def wish_page(listing_ids: Sequence[int], place: Place, *, now: datetime) -> dict[str, Any]:
    """Return the wish list, latest first."""
    return {"cards": cards(cards_of(listing_ids, place, shop.now_in(place, now)), place)}


def sitemap_urls() -> list[Mapping[str, Any]]:
    """Return the addresses of all categories in use and of the newest 40,000 listings."""
    site = settings.SITE_URL
    categories = Category.objects.filter(listings__state="active").distinct()
    listings = (
        Listing.objects.filter(state="active")
        .order_by("-changed_at")[:40_000]
        .values_list("slug", "public_id", "changed_at")
    )
    return [
        {"address": site + reverse("home"), "changed": None},
        *({"address": site + reverse("category", args=[c.slug]), "changed": None} for c in categories),
        *(
            {"address": site + reverse("product", args=[slug, pid]), "changed": at}
            for slug, pid, at in listings
        ),
    ]
