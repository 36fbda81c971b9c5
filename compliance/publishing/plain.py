"""The topic in plain words: sentences that somebody would say, each made of one term of the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rulebook.words import noop as _


@dataclass(frozen=True, slots=True)
class Sentence:
    """`says` takes the value as %(value)s; for yes and no there is one sentence each, "" says nothing."""

    name: str  # of the rule
    says: str = ""
    if_yes: str = ""
    if_no: str = ""


SENTENCES: Mapping[str, tuple[Sentence, ...]] = {
    "withdrawal": (
        Sentence(
            "withdrawal.right",
            if_yes=_("You can change your mind about what you bought online. You need not say why."),
            if_no=_(
                "The law here gives no general right to send things back because you changed your mind. A seller "
                "may promise it, and a promise binds."
            ),
        ),
        Sentence("withdrawal.period", _("You have %(value)s for it.")),
        Sentence("withdrawal.start.goods", _("With goods the time begins when %(value)s.")),
        Sentence(
            "withdrawal.sent_in_time",
            if_yes=_("It is enough to send your message in time. It need not arrive in time."),
        ),
        Sentence(
            "withdrawal.before_delivery",
            if_yes=_("You need not wait for the parcel: you can withdraw at once."),
        ),
        Sentence(
            "withdrawal.late_information",
            _("If you were not told of this right, you have longer; once you are told, %(value)s are left."),
        ),
    ),
    "returns": (
        Sentence("return.period", _("You have %(value)s to send the goods back.")),
        Sentence("return.cost", _("Who pays for the parcel when you change your mind: %(value)s.")),
        Sentence("return.cost_untold", _("If nobody told you of that cost before, it is on: %(value)s.")),
        Sentence(
            "return.cost_non_conforming", _("If the goods are faulty, the parcel is paid by %(value)s.")
        ),
        Sentence(
            "return.value_loss",
            if_yes=_("Try things as you would in a shop. For more use than that, money may be kept back."),
        ),
    ),
    "refunds": (
        Sentence("refund.no_reason.period", _("The money must be back within %(value)s.")),
        Sentence("refund.no_reason.start", _("That time begins when %(value)s.")),
        Sentence("refund.no_reason.covers", _("You get back: %(value)s.")),
        Sentence("refund.no_reason.withhold", _("Until then the seller may wait with the money: %(value)s.")),
        Sentence(
            "refund.no_reason.same_means",
            if_yes=_("It comes the way you paid. A voucher is fine only if you agree."),
        ),
        Sentence("chargeback.period", _("A card payment can be disputed for %(value)s.")),
    ),
    "guarantee": (
        Sentence("guarantee.period", _("The seller answers for faults for %(value)s.")),
        Sentence(
            "guarantee.burden", _("For %(value)s it is presumed that the fault was there from the start.")
        ),
        Sentence("guarantee.second_hand", _("For used goods less may be agreed: %(value)s.")),
        Sentence("guarantee.remedies_first", _("First you can ask for: %(value)s.")),
        Sentence("guarantee.remedies_second", _("If that fails: %(value)s.")),
        Sentence("guarantee.reject", _("You can hand a faulty thing back at once for %(value)s.")),
        Sentence("guarantee.notice", _("Tell the seller of a fault within %(value)s after you find it.")),
    ),
    "delivery": (
        Sentence("delivery.period", _("Unless a day was agreed, goods must be with you within %(value)s.")),
        Sentence("delivery.ship_period", _("Unless a day was agreed, goods must be sent within %(value)s.")),
    ),
    "prices": (
        Sentence("price.prior_window", _("“Before” means the lowest price of the last %(value)s.")),
        Sentence(
            "price.percent_from_prior",
            if_yes=_("A percentage is worked out from that price, never from another."),
        ),
        Sentence("price.unit_price_bases", _("The price for one measure stands beside it: %(value)s.")),
    ),
    "border": (
        Sentence("import.duty_free_limit", _("Goods worth up to %(value)s are free of duty.")),
        Sentence("import.tax_free_limit", _("Goods worth up to %(value)s are free of tax.")),
        Sentence(
            "import.checkout_limit",
            _("Up to %(value)s the tax can be paid at the checkout, not at the door."),
        ),
        Sentence("import.duty_basis", _("Duty is counted on: %(value)s.")),
    ),
    "contracts": (
        Sentence(
            "contract.cancel_defect", _("If papers or facts are missing, you can cancel within %(value)s.")
        ),
        Sentence("subscription.renewal_notice", _("You are told before a renewal: %(value)s.")),
    ),
    "privacy": (
        Sentence(
            "privacy.request_period", _("A question about your data must be answered within %(value)s.")
        ),
        Sentence("privacy.breach_notice", _("A leak must be reported within %(value)s.")),
    ),
    "complaints": (
        Sentence("complaint.acknowledgement", _("You hear that your complaint arrived within %(value)s.")),
        Sentence("complaint.decision", _("It must be decided within %(value)s.")),
    ),
}
