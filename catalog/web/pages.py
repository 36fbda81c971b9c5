"""From the queries to what list pages show: cards, facets as links, sorts, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Category, Listing, ListingText, Media
from catalog.queries import shop
from catalog.queries.cards import cards_of
from catalog.queries.views import CardView, PictureView, PriceView
from compliance.presentation import locale_of
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place, market_name

SIZES = "(min-width: 60rem) 18rem, 46vw"


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
    count = f"{found.count:,}+" if found.is_capped else str(found.count)
    return {
        "cards": cards(found.cards, place),
        "count_label": ngettext(
            "%(n)s thing that may be sold to you", "%(n)s things that may be sold to you", found.count
        )
        % {"n": count},
        "correction": found.correction,
        "facets": _facets(found, filters, place, link),
        "sorts": _sorts(filters, link),
        "price_form": _price_form(path, given, place),
        "cleared_url": link.cleared()
        if filters.values or filters.flags or filters.least or filters.most
        else "",
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


def _facets(found: shop.Found, filters: shop.Filters, place: Place, link: Links) -> list[dict[str, Any]]:
    titles = {
        "seller_country": _("Seller’s country"),
        "origin": _("Made in"),
        "condition": _("Condition"),
        "brand": _("Brand"),
    }
    facets = []
    for name, title in titles.items():
        options = [
            {
                "label": _facet_label(name, value, place.language),
                "count": count,
                "selected": filters.values.get(name) == value,
                "url": link.to(**{name: "" if filters.values.get(name) == value else value}),
            }
            for value, count in found.facets[name]
        ]
        if len(options) > 1 or name in filters.values:
            facets.append({"label": title, "options": options})
    flags = {
        "in_stock": _("In stock"), "free_returns": _("Free returns"), "verified": _("Verified trader"), "reduced": _("Reduced"),
        "guarantee": _("Producer’s guarantee beyond the law"),
    }  # fmt: skip
    options = [
        {"label": title, "count": found.flags[name], "selected": name in filters.flags,
         "url": link.to(**{name: "" if name in filters.flags else "1"})}
        for name, title in flags.items()
        if found.flags[name] or name in filters.flags
    ]  # fmt: skip
    return [{"label": _("What matters to you"), "options": options}, *facets] if options else facets


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
        "story": merchant.story.get(place.language) or merchant.story.get("en", ""),
        "trader": trader_view(merchant, place),
        "shipping": shipping,
    }


def trader_view(merchant: Merchant, place: Place) -> dict[str, Any]:
    """Return who sells, as the law asks it to be shown."""
    rows = [
        (_("E-mail"), merchant.email), (_("Telephone"), merchant.phone),
        (_("Register"), " ".join(part for part in (merchant.register_name, merchant.register_number) if part)),
        (_("VAT number"), merchant.vat_id), (_("Complaints"), merchant.complaints_address),
        (_("Checked by us"), _checked(merchant, place)),
    ]  # fmt: skip
    is_private = merchant.kind == Merchant.Kind.PRIVATE
    return {
        "url": reverse("merchant", args=[merchant.slug]),
        "name": merchant.name,
        "legal_name": merchant.legal_name,
        "is_private": is_private,
        "status": _("A private seller. Consumer law does not apply to this purchase.")
        if is_private
        else _("A trader"),
        "address": [
            merchant.street,
            f"{merchant.postcode} {merchant.city}".strip(),
            *([merchant.region] if merchant.region else []),
            country_name(merchant.country, place.language),
        ],
        "rows": [{"label": label, "value": value} for label, value in rows if value],
        "who_does_what": _(
            "The seller ships, takes returns and answers for faults. We take the payment for the seller, "
            "keep your papers and help if something goes wrong."
        ),
    }


def _checked(merchant: Merchant, place: Place) -> str:
    if not merchant.verified_at:
        return ""
    from babel.dates import format_date

    locale: Locale = locale_of(place.language)
    return _("%(day)s, by %(evidence)s") % {
        "day": format_date(merchant.verified_at.date(), format="long", locale=locale),
        "evidence": merchant.verified_by,
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
