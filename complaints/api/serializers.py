"""What the API takes and gives about complaints."""

from __future__ import annotations

from rest_framework import serializers

from complaints.domain import topics
from complaints.domain.states import TICKET_STATES
from complaints.operations.tickets import LONGEST
from marketplace.accounts.api.base import RulingView, StrictSerializer


class ComplaintInput(StrictSerializer):
    """A complaint: what happened, what would put it right, who says so. About an order with the order's own secret."""

    body = serializers.CharField(max_length=LONGEST, help_text="What happened, in any language.")
    topic = serializers.ChoiceField(choices=list(topics.TOPICS), default="other")
    remedy = serializers.ChoiceField(
        choices=list(topics.REMEDIES), required=False, help_text="What is asked for."
    )
    subject = serializers.CharField(
        max_length=200, required=False, help_text="A title; made from the topic if left out."
    )
    name = serializers.CharField(max_length=120, required=False)
    email = serializers.EmailField(
        required=False, help_text="Where answers go. An order's own address is used with it."
    )
    order = serializers.CharField(max_length=16, required=False, help_text="The order's public id.")
    order_token = serializers.CharField(
        max_length=64, required=False, help_text="The secret of the order's page."
    )
    line = serializers.CharField(max_length=16, required=False, help_text="The order line's public id.")
    parcel = serializers.CharField(max_length=16, required=False, help_text="The parcel's public id.")
    about = serializers.CharField(
        max_length=16, required=False,
        help_text="Without an order: the public id of a listing, a seller, a review, question or answer, or a measure.",
    )  # fmt: skip


class MessageInput(StrictSerializer):
    """Something to add to one's complaint."""

    body = serializers.CharField(max_length=LONGEST)


class ClockView(serializers.Serializer):
    kind = serializers.CharField(
        help_text="first_response, next_response, agent_update, resolution, merchant_answer or law:…"
    )
    state = serializers.CharField(help_text="running, paused, met, breached or cancelled.")
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="None while it is paused.")
    done_at = serializers.DateTimeField(allow_null=True)
    is_law = serializers.BooleanField(help_text="A legal deadline; else our own promise.")
    rulings = RulingView(many=True)


class SaidView(serializers.Serializer):
    public_id = serializers.CharField()
    kind = serializers.CharField(help_text="customer, agent, merchant or system.")
    body = serializers.CharField()
    said_at = serializers.DateTimeField()


class WayOutView(serializers.Serializer):
    name = serializers.CharField()
    url = serializers.CharField(allow_blank=True)


class DecisionView(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=list(topics.OUTCOMES))
    reason = serializers.CharField()
    decided_at = serializers.DateTimeField()
    way_out = WayOutView(many=True)


class ComplaintView(serializers.Serializer):
    public_id = serializers.CharField()
    token = serializers.CharField(help_text="The secret that opens it.")
    url = serializers.CharField(help_text="Its page for people.")
    subject = serializers.CharField()
    topic = serializers.ChoiceField(choices=list(topics.TOPICS))
    remedy = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=list(TICKET_STATES))
    order = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    stages = serializers.DictField(
        child=serializers.DateTimeField(allow_null=True),
        help_text="ISO 10002: received … closed, each an instant or null.",
    )
    clocks = ClockView(many=True)
    messages = SaidView(many=True)
    decision = DecisionView(allow_null=True)


class ComplaintRow(serializers.Serializer):
    public_id = serializers.CharField()
    token = serializers.CharField(help_text="The secret that opens it.")
    subject = serializers.CharField()
    state = serializers.ChoiceField(choices=list(TICKET_STATES))
    received_at = serializers.DateTimeField()


class ComplaintRows(serializers.Serializer):
    results = ComplaintRow(many=True)
