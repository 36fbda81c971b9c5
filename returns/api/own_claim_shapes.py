"""What the API takes from a merchant's system and gives it about claims; the shopper's secrets stay out of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.accounts.api.base import StrictSerializer
from returns.api.claim_shapes import ClaimFacts, ClaimFileView, ClaimRow, RemedyFacts, facts, remedy, row
from returns.domain.claims import BY_SUM, OFFERS
from returns.queries.claims import STATES, seller_may

ANSWERS = ("accept", "offer", "refuse", "send")
GOES_WITH = {  # what each answer takes beside itself
    "accept": {"amount_minor", "keep"},
    "offer": {"instead", "amount_minor", "text"},
    "refuse": {"text"},
    "send": {"carrier", "tracking_number", "text"},
}
NEEDS = {"offer": ("instead",), "refuse": ("text",), "send": ("carrier", "tracking_number")}


class OwnClaimsQuery(StrictSerializer):
    state = serializers.ChoiceField(choices=list(STATES), required=False)
    after = serializers.RegexField(
        r"[0-9T:.+\-Z]+,[0-9]+", required=False, help_text="The cursor of the page before."
    )


class AnswerInput(StrictSerializer):
    """What the seller does next."""

    answer = serializers.ChoiceField(
        choices=list(ANSWERS),
        help_text="accept: give what is asked for. offer: something else, named by `instead`. refuse: with reasons in `text`. "
        "send: the repaired or another piece is on its way.",
    )
    instead = serializers.ChoiceField(choices=list(OFFERS), required=False, help_text="With offer.")
    amount_minor = serializers.IntegerField(
        min_value=1, max_value=10**12, required=False,
        help_text="The sum of a price reduction or compensation, in minor units of the claim's currency.",
    )  # fmt: skip
    keep = serializers.BooleanField(
        default=False, help_text="With accept: the shopper need not send it back."
    )
    carrier = serializers.CharField(max_length=60, required=False, help_text="With send.")
    tracking_number = serializers.CharField(max_length=60, required=False, help_text="With send.")
    text = serializers.CharField(
        max_length=4000, default="", allow_blank=True,
        help_text="To the shopper: with offer and refuse; with send what was done (500 characters are kept).",
    )  # fmt: skip

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        answer = given["answer"]
        strays = set(self.initial_data) - GOES_WITH[answer] - {"answer"}
        missing = [name for name in NEEDS.get(answer, ()) if not str(given.get(name, "")).strip()]
        errors = {name: [f"This does not go with {answer}."] for name in sorted(strays)}
        errors |= {name: [f"Is needed with {answer}."] for name in missing}
        if errors:
            raise serializers.ValidationError(errors)
        return given


class OwnRow(ClaimRow):
    sku = serializers.CharField()
    market = serializers.CharField()
    filed_at = serializers.DateTimeField()


class OwnClaimsView(serializers.Serializer):
    results = OwnRow(many=True)
    next = serializers.CharField(allow_null=True)


class OwnFile(ClaimFileView):
    id = serializers.IntegerField()


class OwnRemedy(RemedyFacts):
    ret = serializers.CharField(allow_blank=True, help_text="The return of the goods, if any.")


class OwnClaimShape(ClaimFacts, OwnRow):
    title = serializers.CharField()
    currency = serializers.CharField()
    is_serious = serializers.BooleanField(help_text="So bad, says the shopper, that a repair is no help.")
    may = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the seller can do now: accept, offer, refuse, send.",
    )
    needs_amount = serializers.BooleanField(help_text="Accepting names a sum.")
    may_offer = serializers.ListField(
        child=serializers.CharField(), help_text="What can be offered instead of what is asked for."
    )
    remedies = OwnRemedy(many=True)
    files = OwnFile(many=True)


def own_row(claim: Any) -> dict[str, Any]:
    """Return a claim (with order and line) as a list shows it to its seller's system."""
    more = {"sku": claim.line.sku, "market": claim.market, "filed_at": claim.filed_at}
    return row(claim) | more


def own_claim(claim: Any, law: Any, owed: Any) -> Any:
    """Return a claim (with its parts) as its seller's system reads it.

    :param law: what the calculator answers now.
    """
    steps, currency = seller_may(claim), claim.line.currency
    more = {
        "title": claim.line.title,
        "currency": currency,
        "is_serious": claim.is_serious,
        "may": list(steps),
        "needs_amount": "accept" in steps and claim.wanted in BY_SUM,
        "may_offer": [one for one in OFFERS if one != claim.wanted] if "offer" in steps else [],
        "remedies": [
            remedy(one, currency) | {"ret": one.ret.public_id if one.ret else ""}
            for one in claim.remedies.all()
        ],
        "files": [{"id": one.pk, "name": one.name, "at": one.at} for one in claim.files.all()],
    }
    return OwnClaimShape(facts(claim, law, owed) | own_row(claim) | more).data
