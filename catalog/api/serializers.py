"""Shapes of the catalogue's answers and inputs."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from rest_framework import serializers

from catalog.queries import shop
from marketplace.accounts.api.base import MoneyField, PlaceQuery, RuleValue, RulingView, StrictSerializer
from marketplace.kernel.money import Money, exponent

MOST = 100
LARGEST = 10**12  # minor units


class PageQuery(StrictSerializer):
    """Keyset paging."""

    after = serializers.CharField(default="", allow_blank=True, max_length=400, help_text="Cursor of `next`.")
    limit = serializers.IntegerField(default=24, min_value=1, max_value=MOST)


class ListingsQuery(PlaceQuery, PageQuery):
    """What a list may be narrowed down to."""

    q = serializers.CharField(default="", allow_blank=True, max_length=200, help_text="Words to look for.")
    category = serializers.CharField(default="", allow_blank=True, max_length=60, help_text="Category code.")
    merchant = serializers.CharField(default="", allow_blank=True, max_length=16, help_text="M-7Q2K9F3M")
    sort = serializers.ChoiceField(default="relevance", choices=list(shop.SORTS))
    seller_country = serializers.CharField(required=False, max_length=2)
    origin = serializers.CharField(required=False, max_length=2)
    condition = serializers.CharField(required=False, max_length=12)
    brand = serializers.CharField(required=False, max_length=120)
    in_stock = serializers.BooleanField(default=False)
    free_returns = serializers.BooleanField(default=False)
    verified = serializers.BooleanField(default=False)
    reduced = serializers.BooleanField(default=False)
    price_min = serializers.DecimalField(
        required=False,
        max_digits=11,
        decimal_places=2,
        min_value=Decimal(0),
        help_text="EUR, without delivery.",
    )
    price_max = serializers.DecimalField(
        required=False,
        max_digits=11,
        decimal_places=2,
        min_value=Decimal(0),
        help_text="EUR, without delivery.",
    )


class CategoriesQuery(StrictSerializer):
    language = serializers.ChoiceField(default="en", choices=[code for code, _ in settings.LANGUAGES])


class PartsView(serializers.Serializer):
    goods = MoneyField()
    shipping = MoneyField()
    duty = MoneyField()
    tax = MoneyField()
    fees = MoneyField()


class PriceView(serializers.Serializer):
    """What one costs here, all in."""

    total = MoneyField()
    parts = PartsView()
    is_certain = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why it is not certain.")
    min_days = serializers.IntegerField()
    max_days = serializers.IntegerField()


class PictureView(serializers.Serializer):
    url = serializers.CharField()
    alt = serializers.CharField()


class SellerView(serializers.Serializer):
    public_id = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()


class CardView(serializers.Serializer):
    public_id = serializers.CharField()
    title = serializers.CharField()
    language = serializers.CharField(help_text="Language of the title: the asked one where there is a text.")
    url = serializers.CharField()
    category = serializers.CharField()
    merchant = SellerView()
    in_stock = serializers.BooleanField()
    picture = PictureView(allow_null=True)
    price = PriceView(allow_null=True, help_text="Null where nobody brings it or it cannot be computed.")


class ListingsView(serializers.Serializer):
    results = CardView(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page; null at the end.")
    correction = serializers.CharField(help_text="What the words were read as, if nothing had them as typed.")


class VariantView(serializers.Serializer):
    public_id = serializers.CharField()
    sku = serializers.CharField()
    gtin = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    available = serializers.IntegerField()
    price = PriceView(allow_null=True)


class DisclosureView(serializers.Serializer):
    field = serializers.CharField(help_text="Key in the rulebook's registry of fields.")
    label = serializers.CharField()
    value = RuleValue(allow_null=True)


class RightView(serializers.Serializer):
    """One line of "your rights on this purchase"."""

    key = serializers.CharField()
    label = serializers.CharField()
    state = serializers.CharField(help_text="yes, no or uncertain.")
    sentence = serializers.CharField()
    on = serializers.CharField(allow_null=True, help_text="The day that counts, where there is one.")
    steps = serializers.ListField(child=serializers.CharField(), help_text="How it was worked out.")
    rulings = RulingView(many=True)


class TextView(serializers.Serializer):
    language = serializers.CharField()
    title = serializers.CharField()
    subtitle = serializers.CharField()
    description = serializers.CharField(help_text="Cleaned HTML.")


class LandedView(PriceView):
    steps = serializers.ListField(child=serializers.CharField())
    rulings = RulingView(many=True)


class ListingView(serializers.Serializer):
    public_id = serializers.CharField()
    url = serializers.CharField()
    category = serializers.CharField()
    merchant = SellerView()
    brand = serializers.CharField()
    condition = serializers.CharField()
    origin = serializers.CharField()
    hs_code = serializers.CharField()
    may_buy = serializers.BooleanField(help_text="Whether it may be sold and brought to this market.")
    on = serializers.CharField(help_text="The day of law, rates and price.")
    text = TextView(allow_null=True)
    languages = serializers.ListField(child=serializers.CharField())
    pictures = PictureView(many=True)
    variants = VariantView(many=True)
    disclosures = DisclosureView(many=True)
    price = LandedView(allow_null=True, help_text="Of the first variant that can be had, with its rulings.")
    rights = RightView(many=True)


class CategoryView(serializers.Serializer):
    code = serializers.CharField()
    parent = serializers.CharField(allow_null=True)
    slug = serializers.CharField()
    name = serializers.CharField()


class CategoriesView(serializers.Serializer):
    results = CategoryView(many=True)


class MerchantView(serializers.Serializer):
    """Who sells, as the law asks to be told."""

    public_id = serializers.CharField()
    name = serializers.CharField()
    legal_name = serializers.CharField()
    kind = serializers.CharField(help_text="trader or private: a private seller owes no consumer rights.")
    country = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    register_name = serializers.CharField()
    register_number = serializers.CharField()
    vat_id = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_by = serializers.CharField()
    free_returns = serializers.BooleanField()
    voluntary_days = serializers.IntegerField(allow_null=True)


class OfferView(serializers.Serializer):
    """Price and stock of one of the merchant's own variants."""

    sku = serializers.CharField()
    variant = serializers.CharField()
    listing = serializers.CharField()
    prices = MoneyField(many=True)
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()


class OffersView(serializers.Serializer):
    results = OfferView(many=True)
    next = serializers.CharField(allow_null=True)


class PriceInput(StrictSerializer):
    """A price with no more decimals than its currency has."""

    amount = serializers.CharField(max_length=20)
    currency = serializers.ChoiceField(choices=settings.CURRENCIES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            value = Decimal(attrs["amount"])
            minor = value.scaleb(exponent(attrs["currency"]))
            fits = value.is_finite() and minor == minor.to_integral_value() and 0 < minor <= LARGEST
        except InvalidOperation:
            fits = False
        if not fits:
            raise serializers.ValidationError({"amount": ["This is not a price in this currency."]})
        return attrs | {"minor": Money.of(attrs["amount"], attrs["currency"]).minor}


class OfferInput(StrictSerializer):
    """The whole of it: a currency that is left out is no longer offered."""

    prices = PriceInput(many=True)
    on_hand = serializers.IntegerField(min_value=0, max_value=10**9)

    def validate_prices(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not value or len({price["currency"] for price in value}) != len(value):
            raise serializers.ValidationError("One price for each currency, and at least one.")
        return value
