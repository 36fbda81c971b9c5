"""Shapes of baskets, checkouts and orders."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.accounts.api.base import MoneyField, RuleValue, RulingView, StrictSerializer
from orders.domain.cancelling import REASONS
from orders.operations.fulfilment import RECEIVERS

ORDER_STATES = ("awaiting_payment", "confirmed", "shipped", "delivered", "cancelled")


class BasketNew(StrictSerializer):
    """A basket begins empty."""


class LineNew(StrictSerializer):
    variant = serializers.CharField(max_length=16, help_text="V-7Q2K9F3M")
    quantity = serializers.IntegerField(min_value=1, max_value=999, default=1)


class LineChange(StrictSerializer):
    quantity = serializers.IntegerField(min_value=1, max_value=999)


class OptionView(serializers.Serializer):
    name = serializers.CharField()
    value = serializers.CharField()


class ChangeView(serializers.Serializer):
    """What is not as it was when the line was last touched."""

    variant = serializers.CharField()
    title = serializers.CharField()
    what = serializers.CharField(help_text="price, quantity or gone.")
    seen = MoneyField(allow_null=True)
    now = MoneyField(allow_null=True)
    wanted = serializers.IntegerField()
    available = serializers.IntegerField()


class BasketLineView(serializers.Serializer):
    variant = serializers.CharField()
    listing = serializers.CharField()
    title = serializers.CharField()
    options = OptionView(many=True)
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    sum = MoneyField()
    may_buy = serializers.BooleanField()


class LinesView(serializers.Serializer):
    results = BasketLineView(many=True)


class BasketSellerView(serializers.Serializer):
    merchant = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()
    lines = BasketLineView(many=True)
    goods = MoneyField()


class AmountsView(serializers.Serializer):
    """What is paid now, part by part, and what a carrier asks for on delivery."""

    goods = MoneyField()
    shipping = MoneyField()
    duty = MoneyField()
    tax = MoneyField()
    fees = MoneyField()
    total = MoneyField()
    border = MoneyField()


class BasketView(serializers.Serializer):
    token = serializers.CharField(help_text="The secret that opens this basket.")
    count = serializers.IntegerField()
    sellers = BasketSellerView(many=True)
    changes = ChangeView(many=True, help_text="Accept them before the checkout.")
    goods = MoneyField()
    landed = AmountsView(
        allow_null=True, help_text="With the cheapest delivery; null where it cannot be told."
    )
    problem = serializers.CharField(help_text="Why there is no landed price.")
    may_check_out = serializers.BooleanField()


class CheckoutNew(StrictSerializer):
    basket = serializers.CharField(max_length=64, help_text="The basket's token.")


class AddressInput(StrictSerializer):
    name = serializers.CharField(max_length=120)
    company = serializers.CharField(max_length=120, allow_blank=True, required=False)
    street = serializers.CharField(max_length=200)
    extra = serializers.CharField(max_length=200, allow_blank=True, required=False)
    postcode = serializers.CharField(max_length=20, allow_blank=True, required=False)
    city = serializers.CharField(max_length=120)
    region = serializers.CharField(max_length=120, allow_blank=True, required=False)
    country = serializers.CharField(min_length=2, max_length=2)
    phone = serializers.CharField(max_length=40, allow_blank=True, required=False)


class ConsentInput(StrictSerializer):
    """A consent the shopper gave in the words that the checkout names; taken back by `given` false."""

    variant = serializers.CharField(max_length=16)
    kind = serializers.CharField(max_length=40)
    text = serializers.CharField(
        max_length=500,
        required=False,
        help_text="The words that were shown: `text` of the checkout's consent.",
    )
    given = serializers.BooleanField(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["given"] and not attrs.get("text"):
            raise serializers.ValidationError({"text": ["Say which words were shown."]})
        return attrs


class CheckoutChange(StrictSerializer):
    """Only what is sent is changed; the address also decides the market."""

    email = serializers.EmailField(required=False)
    address = AddressInput(required=False)
    shipping = serializers.DictField(
        child=serializers.CharField(max_length=40), required=False, help_text="{merchant: service}"
    )
    consents = ConsentInput(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(
                {"body": ["Send at least one of email, address, shipping, consents."]}
            )
        return attrs


class ServiceView(serializers.Serializer):
    code = serializers.CharField()
    price = MoneyField()
    min_days = serializers.IntegerField()
    max_days = serializers.IntegerField()
    carrier = serializers.CharField()


class QuotedLineView(serializers.Serializer):
    variant = serializers.CharField()
    listing = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    amounts = AmountsView()


class ConsignmentView(serializers.Serializer):
    merchant = serializers.CharField()
    merchant_name = serializers.CharField()
    ship_from = serializers.CharField()
    service = serializers.CharField()
    services = ServiceView(many=True)
    deliver_from = serializers.CharField()
    deliver_by = serializers.CharField()
    lines = QuotedLineView(many=True)
    amounts = AmountsView()
    steps = serializers.ListField(child=serializers.CharField())
    rulings = RulingView(many=True)


class QuoteView(serializers.Serializer):
    digest = serializers.CharField(help_text="Send it back with the payment: it is what is agreed to.")
    on = serializers.CharField()
    rulebook = serializers.CharField()
    consignments = ConsignmentView(many=True)
    amounts = AmountsView()


class ConsentView(serializers.Serializer):
    variant = serializers.CharField()
    kind = serializers.CharField()
    ground = serializers.CharField(help_text="The exception it is for.")
    text = serializers.CharField(help_text="The words to show beside a box that is never ticked beforehand.")
    language = serializers.CharField()
    version = serializers.CharField(help_text="Of the words.")
    given = serializers.BooleanField()


class AddressView(serializers.Serializer):
    name = serializers.CharField()
    company = serializers.CharField()
    street = serializers.CharField()
    extra = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()


class PaymentView(serializers.Serializer):
    public_id = serializers.CharField()
    state = serializers.CharField()
    failure = serializers.CharField()
    action = serializers.DictField(
        child=RuleValue(),
        help_text="What the shopper must do next: kind `redirect` with `url`, or `form` with `client_secret`.",
    )


class CheckoutView(serializers.Serializer):
    token = serializers.CharField()
    state = serializers.CharField(help_text="open, paying, placed, expired or abandoned.")
    market = serializers.CharField()
    language = serializers.CharField()
    currency = serializers.CharField()
    email = serializers.CharField()
    address = AddressView(allow_null=True)
    shipping = serializers.DictField(child=serializers.CharField())
    consents = ConsentView(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="address, consent, quote.")
    may_order = serializers.BooleanField()
    order_button = serializers.CharField(help_text="The words the market's law asks for; empty: none.")
    payment_methods = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(help_text="Goods are held until then.")
    quote = QuoteView(allow_null=True)
    payment = PaymentView(allow_null=True)
    order = serializers.CharField(allow_null=True, help_text="Token of the order, once it is placed.")


class MethodInput(StrictSerializer):
    token = serializers.CharField(
        max_length=200,
        required=False,
        help_text="The provider's token, never a card number. Without one Stripe answers with an action of kind "
        "`form`, whose `client_secret` is for the provider's own card form.",
    )


class PaymentInput(StrictSerializer):
    quote = serializers.CharField(max_length=64, help_text="The quote's digest.")
    provider = serializers.CharField(max_length=20)
    method = MethodInput()


class OutcomeView(serializers.Serializer):
    kind = serializers.CharField(help_text="placed, action, pending or failed.")
    order = serializers.CharField(allow_null=True, help_text="Token of the order, once it is placed.")
    payment = PaymentView()


class ParcelLineView(serializers.Serializer):
    line = serializers.CharField()
    quantity = serializers.IntegerField()
    batch = serializers.CharField()
    serials = serializers.ListField(child=serializers.CharField())


class ParcelView(serializers.Serializer):
    public_id = serializers.CharField()
    state = serializers.CharField()
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    shipped_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    received_by = serializers.CharField()
    lines = ParcelLineView(many=True)


class RunningRightView(serializers.Serializer):
    """A right on a line by the law of the contract's day and what has arrived."""

    key = serializers.CharField(help_text="withdrawal or guarantee.")
    answer = serializers.DictField(child=RuleValue(allow_null=True))
    steps = serializers.ListField(child=serializers.CharField())
    rulings = RulingView(many=True)


class OrderLineView(serializers.Serializer):
    public_id = serializers.CharField()
    listing = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    options = OptionView(many=True)
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    amounts = AmountsView()
    rulings = RulingView(many=True, help_text="The law of the contract's day, as frozen with it.")


class RightfulLineView(OrderLineView):
    rights = RunningRightView(many=True)


class OrderView(serializers.Serializer):
    public_id = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    merchant = serializers.CharField()
    merchant_name = serializers.CharField()
    concluded_at = serializers.DateTimeField()
    deliver_from = serializers.CharField(allow_null=True)
    deliver_by = serializers.CharField(allow_null=True)
    amounts = AmountsView()
    lines = RightfulLineView(many=True)
    parcels = ParcelView(many=True)


class GroupView(serializers.Serializer):
    """What one checkout bought: one order per merchant."""

    public_id = serializers.CharField()
    placed_at = serializers.DateTimeField()
    market = serializers.CharField()
    currency = serializers.CharField()
    address = AddressView()
    amounts = AmountsView()
    orders = OrderView(many=True)


class OwnOrdersQuery(StrictSerializer):
    after = serializers.CharField(default="", allow_blank=True, max_length=40, help_text="Cursor of `next`.")
    limit = serializers.IntegerField(default=24, min_value=1, max_value=100)
    state = serializers.ChoiceField(required=False, choices=ORDER_STATES)


class OwnOrderView(serializers.Serializer):
    public_id = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    concluded_at = serializers.DateTimeField()
    deliver_by = serializers.CharField(allow_null=True)
    shipping_service = serializers.CharField()
    market = serializers.CharField()
    language = serializers.CharField()
    address = AddressView()
    amounts = AmountsView()
    lines = OrderLineView(many=True)
    left_to_ship = serializers.DictField(child=serializers.IntegerField(), help_text="{line: quantity}")
    parcels = ParcelView(many=True)


class OwnOrdersView(serializers.Serializer):
    results = OwnOrderView(many=True)
    next = serializers.CharField(allow_null=True)


class PackedInput(StrictSerializer):
    line = serializers.CharField(max_length=16)
    quantity = serializers.IntegerField(min_value=1, max_value=999)
    batch = serializers.CharField(max_length=80, allow_blank=True, default="")
    serials = serializers.ListField(child=serializers.CharField(max_length=80), default=list, max_length=999)


class ParcelInput(StrictSerializer):
    carrier = serializers.CharField(max_length=60)
    tracking_number = serializers.CharField(max_length=60, allow_blank=True, default="")
    lines = PackedInput(many=True)


class CancellationInput(StrictSerializer):
    reason = serializers.ChoiceField(choices=list(REASONS), help_text="The buyer is told, in their language.")


class DeliveryInput(StrictSerializer):
    delivered_at = serializers.DateTimeField(help_text="With its offset; in the past.")
    received_by = serializers.ChoiceField(choices=RECEIVERS, default="consumer")
