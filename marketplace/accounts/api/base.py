"""What every view of the API shares: strict input, the place in the address, problem documents, key holders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts import queries
from marketplace.accounts.models import ApiKey
from marketplace.accounts.place import Place, known_markets, place_of
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import Money
from marketplace.kernel.problems import CONTENT_TYPE


class StrictSerializer(serializers.Serializer):
    """Input that refuses what it does not know, by name."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name: ["This field is not known here."] for name in unknown}
                )
        return super().to_internal_value(data)


class NoFields(StrictSerializer):
    """An input without fields."""


class PlaceQuery(StrictSerializer):
    """Where the shopper is: three separate choices."""

    market = serializers.CharField(
        default=settings.DEFAULT_MARKET, max_length=6, help_text="Ship-to market: DE, US-CA."
    )
    language = serializers.ChoiceField(
        default="en", choices=[code for code, _ in settings.LANGUAGES], help_text="Language of texts."
    )
    currency = serializers.ChoiceField(
        default=settings.DEFAULT_CURRENCY, choices=settings.CURRENCIES, help_text="ISO 4217."
    )

    def validate_market(self, value: str) -> str:
        if value not in known_markets():
            raise serializers.ValidationError("We do not sell to this market.")
        return value


class MoneyField(serializers.Serializer):
    """An amount with its currency."""

    amount = serializers.CharField(help_text="Major units with the currency's decimals: 42.90.")
    currency = serializers.CharField(help_text="ISO 4217.")


class CiteView(serializers.Serializer):
    act = serializers.CharField()
    at = serializers.CharField()
    url = serializers.CharField()


@extend_schema_field({"nullable": True, "description": "The value of the rule: a number, a word, a list."})
class RuleValue(serializers.JSONField):
    """Whatever a rule says."""


class RulingView(serializers.Serializer):
    """A rule as it applies to one case, with where it is written."""

    rule = serializers.CharField(help_text="Its id in the rulebook: eu.withdrawal.period.")
    value = RuleValue(allow_null=True)
    version_from = serializers.CharField(allow_null=True)
    cites = CiteView(many=True)
    confidence = serializers.CharField()
    status = serializers.CharField()
    title = serializers.CharField()
    jurisdiction = serializers.CharField()


class ProblemError(serializers.Serializer):
    field = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457 problem document."""

    type = serializers.CharField(help_text="urn:rightful:<code>.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    field = serializers.CharField(required=False, help_text="The input at fault.")
    errors = ProblemError(many=True, required=False)
    request_id = serializers.CharField(required=False)


def problems(*codes: int) -> dict[tuple[int, str], type[Problem]]:
    """Return the error responses of an operation for its schema; 429 can always come."""
    return {(code, CONTENT_TYPE): Problem for code in (*codes, 429)}


UNKNOWN_FIELD = OpenApiExample(
    "unknown field",
    value={
        "type": "urn:rightful:invalid",
        "title": "Something in the input is not right.",
        "status": 400,
        "detail": "colour: This field is not known here.",
        "errors": [{"field": "colour", "detail": "This field is not known here."}],
    },
    response_only=True,
    status_codes=["400"],
    media_type=CONTENT_TYPE,
)


def money(amount: Money) -> dict[str, str]:
    """Return an amount as the API writes it."""
    return {"amount": str(amount.amount), "currency": amount.currency}


def minor(value: int, currency: str) -> dict[str, str]:
    """Return minor units as the API writes an amount."""
    return money(Money(value, currency))


def read(kind: type[serializers.Serializer], data: Any, **options: Any) -> dict[str, Any]:
    """Return checked input.

    :raises ValidationError: naming every field at fault.
    """
    found = kind(data=data, **options)
    found.is_valid(raise_exception=True)
    return found.validated_data


def place_in(query: Mapping[str, Any]) -> Place:
    """Return the place that a read `PlaceQuery` names."""
    return place_of(query["market"], query["language"], query["currency"])


def idempotency_key(request: Request) -> str:
    """Return the caller's key.

    :raises Invalid: if there is none, or it is too long.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > 255 or not key.isprintable():
        raise Invalid(
            "Send the header Idempotency-Key with a value of your own (1 to 255 characters).",
            field="Idempotency-Key",
        )
    return key


class ApiView(APIView):
    """A view that knows which query parameters it takes; anything else is refused by name."""

    query_class: ClassVar[type[serializers.Serializer]] = NoFields
    query: dict[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.query = read(self.query_class, request.query_params)
        if "language" in self.query:
            translation.activate(self.query["language"])

    @property
    def place(self) -> Place:
        return place_in(self.query)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if "language" in getattr(self, "query", {}):
            answer["Content-Language"] = self.query["language"]
        return answer


class HoldsMerchantKey(BasePermission):
    """A merchant's API key, whose maker still works there; writing asks for an owner or editor."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        if request.method in SAFE_METHODS:
            return queries.merchants_of(request.user).filter(pk=request.auth.merchant_id).exists()
        return queries.may_edit_merchant(request.user, request.auth.merchant)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the schema writes a merchant's key."""

    target_class = "marketplace.accounts.api.authentication.ApiKeyAuthentication"
    name = "merchantKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A merchant's API key: rf_<prefix>_<secret>.",
        }
