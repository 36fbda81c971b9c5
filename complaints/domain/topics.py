"""What complaints are about, what people ask for, and why things went wrong: closed lists with plain names."""

from __future__ import annotations

from compliance.rulebook.words import noop as _

TOPICS = {
    "not_delivered": _("It did not arrive"),
    "late": _("It came too late"),
    "defective": _("It is faulty or not as described"),
    "wrong_item": _("Something else came"),
    "damaged": _("It arrived damaged"),
    "unsafe": _("It is dangerous"),
    "withdrawal": _("Changing my mind was made difficult"),
    "refund": _("My money did not come back"),
    "price": _("The price or a charge is wrong"),
    "warranty": _("A repair or the guarantee"),
    "merchant": _("How the seller behaved"),
    "listing": _("What a listing says"),
    "review": _("A review"),
    "privacy": _("My personal data"),
    "decision": _("A decision of yours"),
    "other": _("Something else"),
}
REMEDIES = {
    "refund": _("My money back"),
    "repair": _("A repair"),
    "replacement": _("A new one"),
    "exchange": _("Another size or kind of it"),
    "price_reduction": _("Part of the price back"),
    "delivery": _("That it arrives"),
    "termination": _("To leave the contract"),
    "correction": _("That it is corrected"),
    "explanation": _("An explanation"),
    "apology": _("An apology"),
    "other": _("Something else"),
}
OUTCOMES = {
    "upheld": _("You are right"),
    "partly_upheld": _("You are right in part"),
    "rejected": _("We could not agree with you"),
    "settled": _("You and the seller agreed"),
    "withdrawn": _("You took it back"),
}
CAUSES = {
    "carrier": _("the carrier"),
    "merchant_stock": _("the seller had none"),
    "merchant_description": _("the listing was wrong"),
    "merchant_conduct": _("the seller did not act"),
    "product_quality": _("the product"),
    "product_safety": _("the product is unsafe"),
    "platform_process": _("our own process"),
    "platform_software": _("our own software"),
    "payment_provider": _("the payment"),
    "misunderstanding": _("a misunderstanding"),
    "no_fault": _("nobody was at fault"),
}
SUBJECTS = ("order", "line", "parcel", "listing", "merchant", "review", "decision", "none")
CHANNELS = ("form", "email", "api", "phone", "import")
PRIORITIES = {1: _("urgent"), 2: _("high"), 3: _("normal"), 4: _("low")}
