"""Bring the demo range into the catalogue the way merchants would: through operations, over past days.

Prices are set on the day the files say, so that the price history is a real one. Pictures are stored
once in several widths. Loading twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from catalog import operations
from catalog.demo.reading import DemoMerchant, DemoProduct, merchants, products
from catalog.domain.drafts import ListingDraft, RateDraft, TextDraft, VariantDraft
from catalog.models import Listing, Offer, Variant
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Merchant, User
from marketplace.accounts.place import known_markets
from marketplace.kernel.money import Money

FIRST_DAY = 400  # days before today on which the range opened
IDENTITY = (
    "name", "legal_name", "kind", "country", "street", "postcode", "city", "region", "email", "phone", "website",
    "complaints_address", "register_name", "register_number", "vat_id", "eori", "ioss_number", "currency", "time_zone",
)  # fmt: skip


def load(*, now: datetime, only: Collection[str] = (), pictures: int = 9) -> dict[str, int]:
    """Load merchants, listings, prices and pictures; return how many of each there are.

    `only` names the products to load, by code; without it all of them are. `pictures` is how many of each.
    """
    operations.ensure_categories()
    operations.load_rates(today=now.date(), days=40)
    known = {slug: _merchant(demo, now) for slug, demo in merchants().items()}
    by_merchant: dict[str, list[DemoProduct]] = defaultdict(list)
    for product in products():
        if not only or product.code in only:
            by_merchant[product.merchant].append(product)
    for slug, own in by_merchant.items():
        _listings(known[slug], own, now, pictures)
    return {"merchants": len(known), "listings": Listing.objects.count()}


@transaction.atomic
def _merchant(demo: DemoMerchant, now: datetime) -> Merchant:
    found = Merchant.objects.filter(slug=demo.slug).first()
    if found:
        return found
    identity = {name: demo.identity[name] for name in IDENTITY if name in demo.identity}
    verified = now - timedelta(days=demo.verified_days_ago)
    merchant = accounts.create_merchant(
        owner=user_of(f"{demo.slug}@merchants.example", demo.identity["name"]),
        slug=demo.slug, story=demo.story, prices_include_tax=demo.prices_include_tax, numbers=demo.registrations,
        voluntary_days=demo.voluntary_days, free_returns=demo.free_returns, self_certified_at=verified,
        **identity,
    )  # fmt: skip
    merchant = accounts.verify_merchant(merchant_id=merchant.pk, evidence=demo.verified_by, now=verified)
    currency = merchant.currency
    free = Money.of(demo.free_from, currency).minor if demo.free_from else None
    rates = [
        RateDraft(
            market=rate.market, price_minor=Money.of(rate.price, currency).minor, currency=currency,
            min_days=rate.min_days, max_days=rate.max_days, carrier=rate.carrier, free_from_minor=free,
        )
        for rate in demo.rates
        if rate.market in known_markets()
    ]  # fmt: skip
    operations.set_shipping_rates(merchant_id=merchant.pk, rates=rates, now=now)
    return merchant


def user_of(email: str, name: str) -> User:
    """Return the demo user of this address; its password is the demo's."""
    user = User.objects.filter(email=email).first()
    return user or User.objects.create_user(email, DEMO_PASSWORD, name=name)


DEMO_PASSWORD = "rightful-demo"  # noqa: S105 -- printed by bin/up; the demo's users own nothing real


def _listings(merchant: Merchant, items: list[DemoProduct], now: datetime, pictures: int) -> None:
    opened = now - timedelta(days=FIRST_DAY)
    fresh = [item for item in items if not Listing.objects.filter(merchant=merchant, code=item.code).exists()]
    drafts = [_draft(item, merchant.currency) for item in fresh]
    for saved in operations.save_listings(merchant_id=merchant.pk, items=drafts, now=opened, publish=True):
        if saved.error:
            raise RuntimeError(f"{merchant.slug}/{saved.code}: {saved.error.detail} ({saved.error.field})")
    listings = {listing.code: listing for listing in Listing.objects.filter(merchant=merchant)}
    for item in fresh:
        _prices(item, merchant.currency, now)
        _papers(item, listings[item.code], now)
        _pictures(item, listings[item.code], now, pictures)
    operations.settle_listings(listing_ids=sorted(listings[item.code].pk for item in fresh), now=now)


def _draft(item: DemoProduct, currency: str) -> ListingDraft:
    first_prices = {item.reduction.sku: item.reduction.history[0][1]} if item.reduction else {}
    return ListingDraft(
        code=item.code,
        category=item.category,
        texts={
            language: TextDraft(title, item.subtitle.get(language, ""), _paragraphs(item.text.get(language, "")))
            for language, title in item.title.items()
        },
        variants=[
            VariantDraft(
                sku=variant.sku, options=variant.options, gtin=variant.gtin, weight_grams=variant.weight_grams,
                net_quantity=item.disclosures.get("net_quantity", {}) if len(item.variants) == 1 else {},
                prices={currency: Money.of(first_prices.get(variant.sku, variant.price), currency).minor},
                on_hand=variant.stock,
            )
            for variant in item.variants
        ],
        language=item.language,
        option_names=item.options,
        brand=item.brand,
        condition=item.condition,
        origin=item.origin,
        hs_code=item.hs,
        hs_confirmed=True,
        model=item.model,
        disclosures=item.disclosures,
        manufacturer=item.manufacturer,
        responsible_person=item.responsible_person,
        local_contacts=item.local_contacts,
        traits=item.traits,
        attestations=item.attestations,
        ships_to=item.ships_to,
    )  # fmt: skip


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{part.strip()}</p>" for part in text.split("\n\n") if part.strip())


def _prices(item: DemoProduct, currency: str, now: datetime) -> None:
    """Live through the price history of a reduced variant, day by day."""
    if item.reduction is None:
        return
    variant = Variant.objects.get(listing__merchant__slug=item.merchant, sku=item.reduction.sku)
    for days, price in item.reduction.history:
        minor = Money.of(price, currency).minor
        at = now - timedelta(days=days)
        if Offer.objects.get(variant=variant, currency=currency).price_minor != minor:
            operations.set_price(variant_id=variant.pk, currency=currency, price_minor=minor, now=at)
    operations.announce_reduction(
        variant_id=variant.pk, currency=currency, price_minor=Money.of(item.reduction.price, currency).minor,
        now=now - timedelta(days=item.reduction.since_days), until=now + timedelta(days=item.reduction.until_days),
    )  # fmt: skip


def _papers(item: DemoProduct, listing: Listing, now: datetime) -> None:
    for document in item.documents:
        operations.set_document(listing_id=listing.pk, now=now, **document)


def _pictures(item: DemoProduct, listing: Listing, now: datetime, most: int) -> None:
    for picture in islice(_existing(item), most):
        operations.add_media(listing_id=listing.pk, data=picture[0], alt=picture[1], now=now)


def _existing(item: DemoProduct) -> Iterable[tuple[bytes, dict[str, str]]]:
    for picture in item.pictures:
        path = picture.path.with_suffix(".webp")
        if path.exists():
            yield path.read_bytes(), picture.alt


def confirm_addresses() -> None:
    """Mark the e-mail addresses of all users as confirmed, so that the demo's people can sign in at once."""
    from allauth.account.models import EmailAddress

    for user in User.objects.filter(emailaddress=None):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
