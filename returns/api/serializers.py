"""What the API takes and gives after the sale."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.accounts.api.base import MoneyField, RulingView, StrictSerializer, minor
from returns.queries.parcels import STATES


class DeclaredLine(StrictSerializer):
    line = serializers.CharField(max_length=16, help_text="The order line's public id.")
    quantity = serializers.IntegerField(min_value=1, max_value=999)


class WithdrawalInput(StrictSerializer):
    """A declaration: who, which pieces, where the receipt goes. No reason is asked."""

    name = serializers.CharField(max_length=200)
    email = serializers.EmailField()
    lines = DeclaredLine(many=True, allow_empty=False)


class JudgedLine(serializers.Serializer):
    line = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    binding = serializers.IntegerField(help_text="For so many pieces the contract has ended.")
    state = serializers.CharField(help_text="effective, ineffective, disputed, granted or upheld.")
    ground = serializers.CharField(help_text="Why, in one word: in_time, late, exempt …")
    last_day = serializers.CharField(allow_null=True)
    rulings = RulingView(many=True)
    explain = serializers.ListField(child=serializers.CharField())


class OwedView(serializers.Serializer):
    public_id = serializers.CharField()
    order = serializers.CharField()
    state = serializers.CharField(help_text="waiting, held, due, requested or paid.")
    amount = MoneyField()
    due_on = serializers.DateField(allow_null=True)


class ReturnView(serializers.Serializer):
    public_id = serializers.CharField()
    token = serializers.CharField(help_text="The secret that opens it.")
    order = serializers.CharField()
    reason = serializers.CharField()
    subject = serializers.CharField()
    state = serializers.CharField()
    paid_by = serializers.CharField()
    send_back_by = serializers.DateField(allow_null=True)
    tracking_number = serializers.CharField(allow_blank=True)
    lines = serializers.ListField(child=serializers.DictField())


class WithdrawalView(serializers.Serializer):
    public_id = serializers.CharField()
    token = serializers.CharField(help_text="The secret that opens it.")
    state = serializers.CharField()
    declared_at = serializers.DateTimeField()
    lines = JudgedLine(many=True)
    returns = ReturnView(many=True)
    refunds = OwedView(many=True)


class LabelInput(StrictSerializer):
    method = serializers.ChoiceField(choices=["drop_off", "pick_up"])
    pick_up_on = serializers.DateField(required=False, allow_null=True)
    agreed_minor = serializers.IntegerField(
        min_value=0, max_value=10**9, default=0,
        help_text="What the shopper agreed that the label costs, in minor units of the order's currency, taken off the "
        "refund. Without it a label that is not free is refused, and the answer names its `price_minor`.",
    )  # fmt: skip


class CountedInput(StrictSerializer):
    line = serializers.CharField(max_length=16)
    good = serializers.IntegerField(min_value=0, max_value=999, default=0)
    wrong = serializers.IntegerField(min_value=0, max_value=999, default=0)
    empty = serializers.IntegerField(min_value=0, max_value=999, default=0)


class ReceiptInput(StrictSerializer):
    lines = CountedInput(many=True, allow_empty=False)
    complete = serializers.BooleanField(default=True, help_text="Nothing more is expected.")


class VerdictInput(StrictSerializer):
    unit = serializers.CharField(max_length=16)
    accept = serializers.BooleanField()
    grade = serializers.ChoiceField(choices=["A", "B", "C", "D"])
    resellable = serializers.BooleanField(default=False)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)


class InspectionInput(StrictSerializer):
    verdicts = VerdictInput(many=True, allow_empty=False)


class OwnReturnsQuery(StrictSerializer):
    state = serializers.ChoiceField(choices=list(STATES), required=False)
    after = serializers.RegexField(
        r"[0-9T:.+\-Z]+,[0-9]+", required=False, help_text="The cursor of the page before."
    )


class OwnUnit(serializers.Serializer):
    unit = serializers.CharField()
    line = serializers.CharField()
    reception = serializers.CharField()
    acceptance = serializers.CharField()
    grade = serializers.CharField(allow_blank=True)
    resellable = serializers.BooleanField()


class OwnReturnView(serializers.Serializer):
    public_id = serializers.CharField()
    order = serializers.CharField()
    reason = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    market = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    lines = serializers.ListField(child=serializers.DictField())
    units = OwnUnit(many=True)


class OwnReturnsView(serializers.Serializer):
    results = serializers.ListField(child=serializers.DictField())
    next = serializers.CharField(allow_null=True)


def owed(row: Any) -> dict[str, Any]:
    return {
        "public_id": row.public_id, "order": row.order.public_id, "state": row.state,
        "amount": minor(row.amount_minor, row.currency), "due_on": row.due_on,
    }  # fmt: skip


def ret(row: Any) -> dict[str, Any]:
    label = next(
        (one for one in row.parcels.all() if one.state in ("booked", "in_transit", "delivered")), None
    )
    return {
        "public_id": row.public_id, "token": row.token, "order": row.order.public_id, "reason": row.reason,
        "subject": row.subject, "state": row.state, "paid_by": row.paid_by, "send_back_by": row.send_back_by,
        "tracking_number": label.tracking_number if label else "", "lines": lines(row),
    }  # fmt: skip


def lines(row: Any) -> list[dict[str, Any]]:
    return [
        {
            "line": one.line.public_id,
            "title": one.line.title,
            "announced": one.announced,
            "received": one.received,
        }
        for one in row.lines.all()
    ]


def judged(row: Any) -> dict[str, Any]:
    return {
        "line": row.line.public_id, "title": row.line.title, "quantity": row.quantity, "binding": row.binding,
        "state": row.state, "ground": row.ground, "last_day": row.answer.get("answer", {}).get("last_day"),
        "rulings": row.answer.get("rulings", []), "explain": row.answer.get("explain", []),
    }  # fmt: skip


def own_return(row: Any) -> dict[str, Any]:
    return {
        "public_id": row.public_id, "order": row.order.public_id, "reason": row.reason, "subject": row.subject,
        "state": row.state, "market": row.market, "due_on": row.due_on, "lines": lines(row),
        "units": [
            {
                "unit": unit.public_id, "line": one.line.public_id, "reception": unit.reception,
                "acceptance": unit.acceptance, "grade": unit.grade, "resellable": unit.resellable,
            }
            for one in row.lines.all() for unit in one.units.all()
        ],
    }  # fmt: skip
