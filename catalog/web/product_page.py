"""The product page: one listing, for one visitor's place and day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Listing, Offer, Variant
from catalog.pages import FEW_LEFT
from catalog.queries import rights, shop
from catalog.queries.contacts import contacts_in, role_in_words
from catalog.queries.makers import Makers, makers_of, source_in_words
from catalog.queries.views import PriceView
from catalog.queries.voice import Voices, voices_of
from catalog.web import pages
from catalog.web.voice_views import voice_block
from compliance.presentation import day_in_words, right_card
from compliance.rulebook import fields, warning_texts
from marketplace.accounts.place import Place, market_name

SAFETY = ("warnings", "warning_codes")
GROUPS = (
    ("composition", ("food_name", "ingredients", "allergens", "inci_list", "nutrition_per_100", "fibre_composition", "material", "substances",
                     "net_quantity", "abv_pct", "footwear_materials", "leather_kind")),
    ("use", ("function", "instructions", "storage_use", "care_symbols", "size", "min_age_months", "spf_category")),
)  # fmt: skip


def build(listing: Listing, place: Place, *, chosen: str, now: datetime, state: str) -> dict[str, Any]:
    """Return everything the page shows; `state` names the state of what is around it."""
    on = shop.now_in(place, now)
    fx = shop.rates_around(listing, place, on, state=state)
    text = pages.text_of(listing, place.language)
    variant, offer = _variant(listing, chosen)
    priced = shop.price_view_of(listing, variant, offer, place, on, fx) if variant and offer else None
    may_sell = place.market in listing.offered_in and priced is not None and variant is not None
    available = _available(variant)
    voices = voices_of(listing.pk, now=now)
    page = {
        "public_id": listing.public_id,
        "name": text.title if text else listing.code,
        "name_language": text.language if text and text.language != place.language else "",
        "subtitle": text.subtitle if text else "",
        "summary": strip_tags(text.description)[:200] if text else "",
        "description": text.description if text else "",
        "description_language": text.language if text and text.language != place.language else "",
        "canonical": settings.SITE_URL + reverse("product", args=[listing.slug, listing.public_id]),
        "crumbs": [*_crumbs(listing, place), {"label": text.title if text else listing.code, "url": ""}],
        "merchant_name": listing.merchant.name,
        "merchant_url": reverse("merchant", args=[listing.merchant.slug]),
        "badges": [],
        "gallery": _gallery(listing, place),
        "price": pages.price_view(priced, place) if may_sell else None,
        "options": _options(listing, variant),
        "variant": variant.public_id if variant else "",
        "can_buy": may_sell and available > 0,
        "max_quantity": _mark(variant.public_id) if variant else 0,
        "stock_label": _stock_in_words(available),
        "delivery": _delivery(priced, on, place),
        "no_sale": _no_sale(listing, place, may_sell),
        "rights": _rights(listing, priced, place, on) if may_sell else None,
        "warnings": _warnings(listing, place, on),
        "disclosures": _disclosures(listing, place),
        "missing": [],
        "trader": pages.trader_view(listing.merchant, place),
        "voice": voice_block(voices, listing, place),
        "similar": pages.cards(shop.similar_to(listing, place, on, state=state, fx=fx), place),
    }
    page["json_ld"] = _json_ld(listing, page, priced, available, voices)
    return page


def _gallery(listing: Listing, place: Place) -> list[dict[str, Any]]:
    """Return the pictures, each with an address inside the page."""
    return [
        pages.image_of(media, place.language, 960) | {"id": f"picture-{n}", "sizes": pages.GALLERY_SIZES}
        for n, media in enumerate(listing.media.all(), start=1)
    ]


def _variant(listing: Listing, chosen: str) -> tuple[Variant | None, Offer | None]:
    variants = list(listing.variants.all())
    variant = next((one for one in variants if one.public_id == chosen), None)
    variant = variant or next((one for one in variants if _available(one)), variants[0] if variants else None)
    if variant is None:
        return None, None
    offers = {offer.currency: offer for offer in variant.offers.all()}
    return variant, offers.get(listing.merchant.currency) or next(iter(offers.values()), None)


def _available(variant: Variant | None) -> int:
    stock = getattr(variant, "stock", None)
    return max(stock.on_hand - stock.reserved, 0) if stock else 0


def _mark(variant: str) -> str:
    return f"how-many-of-{variant}."


def marks_of(left: Mapping[str, int]) -> dict[str, str]:
    """Return what is put into a page as it is served: how many of each variant may be ordered at once."""
    return {_mark(variant): str(number) for variant, number in left.items()}


def _stock_in_words(available: int) -> str:
    if not available:
        return _("Sold out at the moment.")
    if available <= FEW_LEFT:
        return ngettext("%(n)s left.", "%(n)s left.", available) % {"n": available}
    return _("In stock.")


def _crumbs(listing: Listing, place: Place) -> list[dict[str, str]]:
    chain = [category for category in (listing.category.parent, listing.category) if category]
    return [
        {"label": _("Everything"), "url": reverse("search")},
        *(
            {
                "label": pages.category_name(category, place.language),
                "url": reverse("category", args=[category.slug]),
            }
            for category in chain
        ),
    ]


def _options(listing: Listing, chosen: Variant | None) -> list[dict[str, Any]]:
    """Return the choices of each option; a choice keeps the others as they are, where there is such a variant."""
    variants = list(listing.variants.all())
    if chosen is None or not listing.option_names:
        return []
    rows = []
    for n, name in enumerate(listing.option_names):
        values = list(dict.fromkeys(variant.options[n] for variant in variants if len(variant.options) > n))
        rows.append(
            {"name": name, "choices": [_choice(listing, variants, chosen, n, value) for value in values]}
        )
    return rows


def _choice(listing: Listing, variants: list[Variant], chosen: Variant, n: int, value: str) -> dict[str, Any]:
    wanted = [*chosen.options[:n], value, *chosen.options[n + 1 :]]
    exact = next((one for one in variants if one.options == wanted), None)
    target = exact or next((one for one in variants if one.options[n : n + 1] == [value]), None)
    url = (
        f"{reverse('product', args=[listing.slug, listing.public_id])}?v={target.public_id}" if target else ""
    )
    return {"label": value, "url": url, "current": chosen.options[n : n + 1] == [value]}


def _delivery(priced: PriceView | None, on: date, place: Place) -> str:
    if priced is None:
        return ""
    return _("With you in %(least)s to %(most)s days.") % {"least": priced.min_days, "most": priced.max_days}


def _no_sale(listing: Listing, place: Place, may_sell: bool) -> dict[str, str]:
    where = market_name(place.market, place.language)
    if may_sell:
        return {
            "title": _("Sold out"),
            "text": _("The seller has none left at the moment. Put it on your wish list."),
        }
    if place.market not in listing.sellable_in:
        why = _(
            "The seller has not given everything that the law of %(place)s asks for, so we do not sell it there."
        )
    else:
        why = _("The seller does not deliver to %(place)s.")
    return {"title": _("Not sold to %(place)s") % {"place": where}, "text": why % {"place": where}}


def _rights(listing: Listing, priced: PriceView | None, place: Place, on: date) -> dict[str, Any]:
    lines = rights.rights_on(
        rights.terms_of(listing),
        market=place.market,
        time_zone=place.time_zone,
        on=on,
        delivery_days=(priced.min_days, priced.max_days) if priced else None,
    )
    where = market_name(place.market, place.language)
    card = right_card(
        lines,
        title=_("Your rights on this purchase"),
        subtitle=_("Delivered to %(place)s. The law as it stands on %(day)s.")
        % {"place": where, "day": day_in_words(on, place.language)},
        language=place.language,
        today=on,
    )
    return card | {"link": {"url": reverse("rights"), "label": _("Check it yourself")}}


def _warnings(listing: Listing, place: Place, on: date) -> list[dict[str, str]]:
    """Return the warnings in the visitor's language, else in one that the market asks for, else as given."""
    found = []
    given = listing.disclosures.get("warnings") or {}
    if isinstance(given, dict):
        language = next(
            (code for code in (place.language, place.language.split("-")[0], "en", *given) if code in given),
            "",
        )
        found += [
            {"text": text, "language": language if language != place.language else ""}
            for text in given.get(language, [])
        ]
    for code in listing.disclosures.get("warning_codes") or []:
        if warning_texts.is_for(code, place.market):
            text = warning_texts.text_of(code, place.language) or next(
                iter(warning_texts.texts_for(code, place.market)), None
            )
            if text:
                found.append(
                    {"text": text.text, "language": "" if text.language == place.language else text.language}
                )
    return found


def _disclosures(listing: Listing, place: Place) -> list[dict[str, Any]]:
    """Return what the seller disclosed, grouped as people ask for it."""
    registry, shown = fields.fields(), set(SAFETY)
    groups = []
    titles = {"composition": _("What is in it"), "use": _("How to use it")}
    for name, keys in GROUPS:
        rows = [row for key in keys if (row := _row(listing, registry, key, place))]
        shown |= set(keys)
        if rows:
            groups.append({"title": titles[name], "rows": rows})
    rest = [
        row
        for key in listing.disclosures
        if key not in shown and (row := _row(listing, registry, key, place))
    ]
    groups.append({"title": _("Origin and maker"), "rows": [*_makers(listing, place), *rest]})
    return groups


def _makers(listing: Listing, place: Place) -> list[dict[str, str]]:
    makers = makers_of(listing)
    rows = [
        (_("Brand"), listing.brand.name if listing.brand else ""),
        (_("Manufacturer"), _from(makers, "manufacturer")),
        (_("Responsible person in the EU"), _from(makers, "responsible_person")),
        *_local(makers, place),
        (_("Safety contact"), "\n".join(filter(None, makers.safety_contact.values()))),
        (
            _("Country of origin"),
            pages.country_name(listing.origin, place.language) if listing.origin else "",
        ),
    ]
    return [{"label": label, "value": value, "language": ""} for label, value in rows if value]


def _from(makers: Makers, name: str) -> str:
    """Return a party and, if the listing does not say it itself, where it comes from."""
    party = _party(getattr(makers, name))
    return "\n".join(filter(None, [party, source_in_words(makers.sources.get(name, ""))])) if party else ""


def _local(makers: Makers, place: Place) -> list[tuple[str, str]]:
    """Return who answers for the product in the visitor's market, each under what they are there."""
    return [
        (f"{role_in_words(one['role'])} ({market_name(one['market'], place.language)})", _party(one))
        for one in contacts_in(place.market, makers.local_contacts)
    ]


def _party(party: dict[str, str]) -> str:
    return "\n".join(party[name] for name in ("name", "address", "email") if party.get(name))


def _row(listing: Listing, registry: Any, key: str, place: Place) -> dict[str, str] | None:
    value = listing.disclosures.get(key)
    known = registry.get(key)
    if known is None or value in (None, "", [], {}, False) or key == "origin_country":
        return None
    language = ""
    if known.translatable and isinstance(value, dict):
        code = next(
            (
                c
                for c in (place.language, place.language.split("-")[0], listing.language, "en", *value)
                if c in value
            ),
            "",
        )
        value, language = value.get(code, ""), code if code != place.language else ""
    words = (
        "\n".join(_of_record(one, known, place) for one in value)
        if _is_records(value)
        else _in_words(value, known)
    )
    return {"label": _(known.label), "value": words, "language": language} if words else None


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _of_record(record: dict[str, Any], known: Any, place: Place) -> str:
    """Return one record of a list on a line of its own: where or which part first, then how much of what."""
    rest = {name: one for name, one in record.items() if one not in (None, "")}
    country, component = rest.pop("country", ""), str(rest.pop("component", ""))
    head = market_name(country, place.language) if country else component
    share = f"{rest.pop('percent')} %" if "percent" in rest else ""
    what = _in_words(rest if len(rest) > 1 else next(iter(rest.values()), ""), known)
    said = " ".join(filter(None, [share, what]))
    return ": ".join(filter(None, [head, said]))


def _in_words(value: Any, known: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_in_words(one, known) for one in value)
    if isinstance(value, dict):
        if "value" in value and "unit" in value:
            return f"{value['value']} {value['unit']}"
        return ", ".join(f"{name.replace('_', ' ')}: {_in_words(one, known)}" for name, one in value.items())
    text = str(value)
    unit = f" {known.unit}" if known.unit and known.type in ("int", "decimal") else ""
    return (text.replace("_", " ") if known.type in ("enum", "enum_list") else text) + unit


def _json_ld(
    listing: Listing, page: dict[str, Any], priced: PriceView | None, available: int, voices: Voices
) -> str:
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": page["name"],
        "description": page["summary"],
        "sku": listing.code,
        "url": page["canonical"],
        "image": [settings.SITE_URL + image["full"] for image in page["gallery"]],
    }
    if listing.brand:
        data["brand"] = {"@type": "Brand", "name": listing.brand.name}
    if listing.origin:
        data["countryOfOrigin"] = listing.origin
    if voices.summary.count:
        data["aggregateRating"] = {
            "@type": "AggregateRating", "ratingValue": str(voices.summary.average),
            "reviewCount": voices.summary.count, "bestRating": 5, "worstRating": 1,
        }  # fmt: skip
    if priced:
        data["offers"] = {
            "@type": "Offer", "price": str(priced.total.amount), "priceCurrency": priced.total.currency,
            "availability": "https://schema.org/InStock" if available else "https://schema.org/OutOfStock",
            "seller": {"@type": "Organization", "name": listing.merchant.name},
            "itemCondition": f"https://schema.org/{listing.condition.title()}Condition",
        }  # fmt: skip
    # "<" would end the script element early if a text contained "</script>"
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
