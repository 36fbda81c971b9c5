"""Exchanges in words."""

from __future__ import annotations

from django.utils.translation import gettext as _


def exchange_state_in_words(state: str) -> str:
    return {
        "to_pay": _("waits for the difference to be paid"),
        "waiting": _("waits for the goods to come back"),
        "ready": _("to be sent"),
        "shipped": _("sent"),
        "cancelled": _("called off"),
        "lapsed": _("over"),
        "sold_out": _("sold out"),
        "rejected": _("not accepted"),
    }[state]


def exchange_step_in_words(state: str) -> str:
    """Return where an exchange stands, in a sentence for the shopper."""
    return {
        "to_pay": _("We hold the new one. Pay the difference, and it goes on."),
        "waiting": _("We hold the new one. Send the other one back."),
        "ready": _("The seller sends the new one now."),
        "shipped": _("The new one is on its way to you."),
        "cancelled": _("The exchange was called off."),
        "lapsed": _("The time for it is over."),
        "sold_out": _("There is none left to send."),
        "rejected": _("The seller did not take back what came."),
    }[state]


def because_in_words(because: str) -> str:
    """Return why an exchange ended: one of our sentences, or the seller's own words."""
    return {
        "not_paid": _("The difference was not paid in time. Nothing was charged."),
        "never_sent": _("The goods were not sent back in time. You keep them."),
        "lost": _("The goods were lost on their way back."),
        "shopper": _("You called it off."),
        "withdrawn": _("You withdrew from the contract, so the money comes back instead."),
        "claim": _("The claim goes another way now."),
        "returning": _("These pieces are on their way back already."),
        "no_stock": _("It sold out although it was held. What you sent back is paid back."),
        "none_came": _("The right thing was not in the parcel."),
        "not_sent": _("The seller did not send the new one in time."),
    }.get(because, because)


def reason_in_words(reason: str) -> str:
    """Return why nothing can be exchanged here."""
    return {
        "not_offered": _(
            "This seller offers no exchanges. If you can send it back, do that and order the other one."
        ),
        "not_delivered": _("It has not arrived yet. Once it is with you, you can exchange it."),
        "too_late": _("The time for an exchange is over."),
        "none_left": _("All pieces of this are exchanged, withdrawn from or on their way back already."),
        "one_open": _("Another size or kind is agreed on for this claim already."),
        "no_other": _("There is no other size or kind of this on the shelf at the moment."),
    }[reason]


def ship_on_in_words(ship_on: str) -> str:
    return {
        "scan": _("The new one is sent as soon as the carrier has scanned your parcel."),
        "receipt": _("The new one is sent as soon as the old one is back and looked at."),
    }[ship_on]
