"""What people look for in the law, in the order in which they need it: each rule belongs to exactly one topic. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rulebook.words import noop as _


@dataclass(frozen=True, slots=True)
class Topic:
    """One page per market. `families` are the first words of rule names; `asks` are calculators."""

    key: str  # in the address
    title: str  # English msgids
    lead: str
    icon: str
    families: tuple[str, ...]
    asks: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # of contacts
    card: tuple[str, ...] = ()  # lines of "Your rights on this purchase"


TOPICS: tuple[Topic, ...] = (
    Topic(
        "withdrawal", _("Changing your mind"),
        _("Whether you can leave a contract without giving a reason, until when, and what is left out."),
        "undo-2", ("withdrawal",), ("withdrawal", "withdrawal_declaration"),
        ("consumer_authority", "ecc"), ("withdrawal", "exemption"),
    ),
    Topic(
        "returns", _("Sending it back"),
        _("By when goods go back, who pays for it, and what you may do with them before."),
        "package", ("return",), ("return_deadline", "return_cost"), ("consumer_authority",), ("return_cost",),
    ),
    Topic(
        "refunds", _("Your money back"),
        _("When the money must be with you, how much of it, and what happens if it is late."),
        "wallet", ("refund", "chargeback"), ("refund_deadline", "refund_amount"),
        ("consumer_authority", "online_complaint"), ("refund",),
    ),
    Topic(
        "guarantee", _("If it is faulty"),
        _("How long the seller answers for faults, who has to prove what, and what you can ask for."),
        "shield-check", ("guarantee",), ("guarantee",), ("consumer_authority", "adr_general", "ecc"),
        ("guarantee", "reject"),
    ),
    Topic(
        "delivery", _("If it is late or lost"),
        _("When goods must be sent or delivered, and what you can do if they are not."),
        "truck", ("delivery", "shipment"), ("delivery",), ("consumer_authority", "ecc"), ("delivery",),
    ),
    Topic(
        "prices", _("Prices and reductions"),
        _("What a price must contain, and when a reduction is a true one."),
        "badge-percent", ("price", "offer"), ("prior_price",), ("competition", "consumer_authority"),
    ),
    Topic(
        "border", _("Duty and tax at the border"),
        _("What is added to goods from abroad, from which value on, and who collects it."),
        "globe", ("import", "tax"), ("landed_price",), ("customs",),
    ),
    Topic(
        "information", _("What you must be told"),
        _("What has to be said before you order, at the checkout and afterwards."),
        "info", ("information", "checkout", "product", "site", "livestream", "review"), (), ("consumer_authority",),
    ),
    Topic(
        "contracts", _("Orders, terms and subscriptions"),
        _("How a contract comes about, how its terms may change, and how it ends."),
        "file-text", ("contract", "order", "terms", "subscription"), ("deadline",), ("consumer_authority",),
    ),
    Topic(
        "payment", _("Paying safely"),
        _("What protects a payment that somebody else made or that went wrong."),
        "credit-card", ("payment",), ("deadline",), ("hotline", "consumer_authority"),
    ),
    Topic(
        "products", _("What products must show and carry"),
        _("Warnings, materials, marks, papers and forbidden goods, kind by kind."),
        "tag", ("listing", "claims", "passport"), ("clearance",), ("product_safety",),
    ),
    Topic(
        "safety", _("Recalls and accidents"),
        _("What happens when a product is dangerous: who is told, how, and what you can choose."),
        "triangle-alert", ("safety", "recall"), ("deadline",), ("product_safety", "hotline"),
    ),
    Topic(
        "sellers", _("Who sells"),
        _("What a seller must show of itself, and who checks it."),
        "store", ("merchant", "seller", "trader"), ("trader_status",), ("consumer_authority",),
    ),
    Topic(
        "complaints", _("Complaints and who decides them"),
        _("How fast an answer is due, who decides if you do not agree, and what a breach costs."),
        "message-circle", ("complaint", "sanction"), ("clock", "deadline"),
        ("online_complaint", "adr_general", "adr_sector", "ecc", "consumer_authority", "hotline"),
    ),
    Topic(
        "privacy", _("Your data"),
        _("How long an answer about your data may take, and when you hear of a leak."),
        "fingerprint", ("privacy", "records"), ("deadline",), ("data_protection",),
    ),
    Topic(
        "marketplaces", _("What a marketplace must do"),
        _("What the law asks of shops like this one: checks, reasons, reports and fair treatment."),
        "landmark", ("platform", "marketplace", "notice", "reasons"), (), ("competition", "consumer_authority"),
    ),
    Topic(
        "counting", _("How time is counted"),
        _("Which day is the first, what happens on holidays, and what the rules rest on."),
        "calendar", ("counting", "principles"), ("deadline",),
    ),
)  # fmt: skip
BY_KEY: Mapping[str, Topic] = {topic.key: topic for topic in TOPICS}
BY_FAMILY: Mapping[str, Topic] = {family: topic for topic in TOPICS for family in topic.families}


def topic_of(name: str) -> Topic:
    """Return the topic of a rule's name; what is new and has none yet belongs to the principles."""
    return BY_FAMILY.get(name.partition(".")[0], BY_KEY["counting"])
