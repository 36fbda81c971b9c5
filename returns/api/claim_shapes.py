"""What the API takes and gives about claims."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.accounts.api.base import RulingView, StrictSerializer, minor
from returns.api import serializers as shapes
from returns.domain.claims import CLAIM, ENDING, KINDS, OFFERS
from returns.domain.states import may

REMEDIES = tuple(dict.fromkeys((*OFFERS, *ENDING, "compensation")))
CHOICES = ("agree", "dispute", "drop", "helped", "failed")
STEPS = {
    "agree": "agree",
    "drop": "drop",
    "helped": "finish",
    "failed": "fail",
}  # a choice and its step of the claim


class ClaimInput(StrictSerializer):
    """What is wrong with pieces of an order line, and what is asked for."""

    line = serializers.CharField(max_length=16, help_text="The order line's public id.")
    quantity = serializers.IntegerField(min_value=1, max_value=999, default=1)
    kind = serializers.ChoiceField(choices=list(KINDS), help_text="What is wrong.")
    said = serializers.CharField(max_length=4000, help_text="In the shopper's own words.")
    noticed_on = serializers.DateField(
        required=False, help_text="The day it was noticed; without it, today where the shopper lives."
    )
    wanted = serializers.ChoiceField(
        choices=list(REMEDIES),
        help_text="Of what the law opens now; where it lists nothing, of what sellers offer.",
    )
    is_serious = serializers.BooleanField(
        default=False, help_text="So bad that a repair or another piece is no help: the law then opens more."
    )


class ChoiceInput(StrictSerializer):
    """What the shopper does next."""

    choice = serializers.ChoiceField(
        choices=list(CHOICES),
        help_text="agree: take what is offered. dispute: ask the platform to decide. drop: take the claim back. "
        "helped: it is all right now. failed: it did not help; `wanted` says what is asked for next.",
    )
    wanted = serializers.ChoiceField(choices=list(REMEDIES), required=False, help_text="With failed.")
    text = serializers.CharField(
        max_length=4000, default="", allow_blank=True, help_text="With dispute and failed."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["choice"] == "failed" and "wanted" not in given:
            raise serializers.ValidationError({"wanted": ["Say what you ask for next."]})
        if given["choice"] != "failed" and "wanted" in given:
            raise serializers.ValidationError({"wanted": ["This goes with failed only."]})
        return given


class FileInput(StrictSerializer):
    """A picture (JPEG, PNG, WebP), a PDF, or a short MP4 film."""

    file = serializers.FileField(help_text="Pictures and papers up to 8 MB, a film up to 40 MB.")


class ClaimFileView(serializers.Serializer):
    name = serializers.CharField()
    at = serializers.DateTimeField()


class RemedyFacts(serializers.Serializer):
    """What both sides read of a remedy."""

    kind = serializers.CharField(help_text="repair, replacement, price_reduction, termination …")
    state = serializers.CharField(help_text="due, sent, done, failed, late or refused.")
    act_by = serializers.DateField(help_text="By when the seller acts.")
    amount = shapes.MoneyField(allow_null=True)
    tracking_number = serializers.CharField(allow_blank=True)


class RemedyView(RemedyFacts):
    return_token = serializers.CharField(allow_blank=True, help_text="Opens the return of the goods, if any.")


class NoteView(serializers.Serializer):
    at = serializers.DateTimeField()
    side = serializers.CharField(help_text="shopper, seller or platform.")
    what = serializers.CharField(help_text="filed, accepted, offered, refused, granted, upheld …")
    remedy = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)


class ClaimRow(serializers.Serializer):
    """What a list shows of a claim, to both sides."""

    public_id = serializers.CharField()
    order = serializers.CharField()
    line = serializers.CharField()
    quantity = serializers.IntegerField()
    kind = serializers.CharField(help_text="not_as_described, defective, missing, wrong, damaged, unsafe …")
    wanted = serializers.CharField()
    state = serializers.CharField(
        help_text="open, offered, refused, resting, escalated, upheld, remedying, done or dropped."
    )
    due_on = serializers.DateField(allow_null=True, help_text="By when somebody acts, as the state says.")


class ClaimFacts(ClaimRow):
    """What both sides read of one claim, with the law and what is owed."""

    said = serializers.CharField()
    noticed_on = serializers.DateField()
    offer = serializers.CharField(allow_blank=True)
    offer_amount = shapes.MoneyField(allow_null=True)
    refusal = serializers.CharField(allow_blank=True)
    decision = serializers.CharField(allow_blank=True)
    remedies_open = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the law opens, in its order; empty where it lists nothing.",
    )
    liable_until = serializers.CharField(allow_null=True)
    burden_on_seller_until = serializers.CharField(allow_null=True)
    rulings = RulingView(many=True)
    notes = NoteView(many=True)
    refunds = shapes.OwedView(many=True)


class ClaimView(ClaimFacts):
    token = serializers.CharField(help_text="The secret that opens it.")
    may = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the shopper can do now: agree, dispute, drop, helped, failed.",
    )
    remedies = RemedyView(many=True)
    files = ClaimFileView(many=True)


def claim(found: Any, law: Any, owed: Any) -> Any:
    """Return a claim (with its parts) as the API writes it for its shopper.

    :param law: what the calculator answers now.
    """
    more = {
        "token": found.token,
        "may": may_choose(found),
        "remedies": [
            remedy(one, found.line.currency) | {"return_token": one.ret.token if one.ret else ""}
            for one in found.remedies.all()
        ],
        "files": found.files.all(),
    }
    return ClaimView(facts(found, law, owed) | more).data


def row(found: Any) -> dict[str, Any]:
    """Return what a list shows of a claim (with its order and line)."""
    plain = {
        name: getattr(found, name) for name in ("public_id", "quantity", "kind", "wanted", "state", "due_on")
    }
    return plain | {"order": found.order.public_id, "line": found.line.public_id}


def facts(found: Any, law: Any, owed: Any) -> dict[str, Any]:
    """Return what both sides read of a claim; `law` is what the calculator answers now."""
    answer = law.as_json()
    plain = {name: getattr(found, name) for name in ("said", "noticed_on", "offer", "refusal", "decision")}
    told = {
        name: answer["answer"][name] for name in ("remedies_open", "liable_until", "burden_on_seller_until")
    }
    more = {
        "offer_amount": minor(found.offer_minor, found.line.currency) if found.offer_minor else None,
        "rulings": answer["rulings"],
        "notes": found.notes.all(),
        "refunds": [shapes.owed(one) for one in owed],
    }
    return row(found) | plain | told | more


def remedy(one: Any, currency: str) -> dict[str, Any]:
    """Return what both sides read of a remedy."""
    plain = {name: getattr(one, name) for name in ("kind", "state", "act_by", "tracking_number")}
    return plain | {"amount": minor(one.amount_minor, currency) if one.amount_minor else None}


def may_choose(found: Any) -> list[str]:
    """Return what the shopper can do now."""
    steps = STEPS | {"dispute": "decline" if found.state == "offered" else "dispute"}
    return [choice for choice in CHOICES if may(CLAIM, found.state, steps[choice])]
