"""What the API takes from a merchant's system and gives it about claims; the shopper's secrets stay out of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.accounts.api.base import RulingView, StrictSerializer, minor
from returns.api import serializers as shapes
from returns.api.claim_shapes import NoteView
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


class OwnRow(serializers.Serializer):
    public_id = serializers.CharField()
    order = serializers.CharField()
    line = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    kind = serializers.CharField(help_text="not_as_described, defective, missing, wrong, damaged, unsafe …")
    wanted = serializers.CharField()
    state = serializers.CharField(
        help_text="open, offered, refused, resting, escalated, upheld, remedying, done or dropped."
    )
    market = serializers.CharField()
    filed_at = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True, help_text="By when somebody acts, as the state says.")


class OwnClaimsView(serializers.Serializer):
    results = OwnRow(many=True)
    next = serializers.CharField(allow_null=True)


class OwnFile(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    at = serializers.DateTimeField()


class OwnRemedy(serializers.Serializer):
    kind = serializers.CharField(help_text="repair, replacement, price_reduction, termination …")
    state = serializers.CharField(help_text="due, sent, done, failed, late or refused.")
    act_by = serializers.DateField(help_text="By when the seller acts.")
    amount = shapes.MoneyField(allow_null=True)
    ret = serializers.CharField(allow_blank=True, help_text="The return of the goods, if any.")
    tracking_number = serializers.CharField(allow_blank=True)


class OwnClaimShape(OwnRow):
    title = serializers.CharField()
    currency = serializers.CharField()
    said = serializers.CharField()
    noticed_on = serializers.DateField()
    is_serious = serializers.BooleanField(help_text="So bad, says the shopper, that a repair is no help.")
    offer = serializers.CharField(allow_blank=True)
    offer_amount = shapes.MoneyField(allow_null=True)
    refusal = serializers.CharField(allow_blank=True)
    decision = serializers.CharField(allow_blank=True)
    may = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the seller can do now: accept, offer, refuse, send.",
    )
    needs_amount = serializers.BooleanField(help_text="Accepting names a sum.")
    may_offer = serializers.ListField(
        child=serializers.CharField(), help_text="What can be offered instead of what is asked for."
    )
    remedies_open = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the law opens, in its order; empty where it lists nothing.",
    )
    liable_until = serializers.CharField(allow_null=True)
    burden_on_seller_until = serializers.CharField(allow_null=True)
    rulings = RulingView(many=True)
    remedies = OwnRemedy(many=True)
    files = OwnFile(many=True)
    notes = NoteView(many=True)
    refunds = shapes.OwedView(many=True)


def row(claim: Any) -> dict[str, Any]:
    """Return a claim (with order and line) as a list shows it."""
    plain = {
        name: getattr(claim, name)
        for name in ("public_id", "quantity", "kind", "wanted", "state", "market", "filed_at", "due_on")
    }
    own = {"order": claim.order.public_id, "line": claim.line.public_id, "sku": claim.line.sku}
    return {**plain, **own}


def own_claim(claim: Any, law: Any, owed: Any) -> Any:
    """Return a claim (with its parts) as its seller's system reads it.

    :param law: what the calculator answers now.
    """
    answer, steps, currency = law.as_json(), seller_may(claim), claim.line.currency
    told = answer["answer"]
    plain = {
        name: getattr(claim, name)
        for name in ("said", "noticed_on", "is_serious", "offer", "refusal", "decision")
    }
    more = {
        "title": claim.line.title,
        "currency": currency,
        "offer_amount": minor(claim.offer_minor, currency) if claim.offer_minor else None,
        "may": list(steps),
        "needs_amount": "accept" in steps and claim.wanted in BY_SUM,
        "may_offer": [one for one in OFFERS if one != claim.wanted] if "offer" in steps else [],
        "remedies_open": told["remedies_open"],
        "liable_until": told["liable_until"],
        "burden_on_seller_until": told["burden_on_seller_until"],
        "rulings": answer["rulings"],
        "remedies": [_remedy(one, currency) for one in claim.remedies.all()],
        "files": [{"id": one.pk, "name": one.name, "at": one.at} for one in claim.files.all()],
        "notes": claim.notes.all(),
        "refunds": [shapes.owed(one) for one in owed],
    }
    return OwnClaimShape(row(claim) | plain | more).data


def _remedy(one: Any, currency: str) -> dict[str, Any]:
    return {
        "kind": one.kind, "state": one.state, "act_by": one.act_by,
        "amount": minor(one.amount_minor, currency) if one.amount_minor else None,
        "ret": one.ret.public_id if one.ret else "", "tracking_number": one.tracking_number,
    }  # fmt: skip
