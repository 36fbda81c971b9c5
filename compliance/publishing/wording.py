"""What a rule says, in a few words of the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.presentation import length_in_words, locale_of
from compliance.rulebook import warning_texts
from compliance.rulebook.book import Rule, Version
from compliance.rulebook.duties import label_of
from compliance.rulebook.types import Length

LENGTHS = ("calendar_days", "working_days", "hours", "weeks", "months", "years")
# choices and lists that a reader meets; the others are said as they are written
CODES: Mapping[str, Promise] = {
    "receipt": _("the goods arrive"),
    "conclusion": _("the contract is made"),
    "declaration": _("you say that you withdraw"),
    "cancellation": _("the contract is cancelled"),
    "goods_back": _("the goods are back"),
    "goods_back_or_proof": _("the goods are back, or you show that you sent them"),
    "merchant": _("the seller"),
    "consumer": _("the buyer"),
    "repair": _("repair"),
    "replacement": _("replacement"),
    "refund": _("refund"),
    "price_reduction": _("a lower price"),
    "termination": _("the money for the goods"),
    "final_rejection": _("the money for the goods"),
    "compensation": _("compensation"),
    "price": _("the price"),
    "delivery": _("delivery"),
    "cheapest_standard_delivery": _("the cheapest standard delivery"),
    "cif": _("the goods with freight and insurance"),
    "fob": _("the goods without freight"),
    "first": _("the first delivery"),
    "last": _("the last delivery"),
    "first_step": _("the price before the first step"),
    "everybody": _("everybody"),
    "exempt": _("left out"),
}
WHERE: Mapping[str, Promise] = {
    "product": _("the product’s page"),
    "basket": _("the basket"),
    "checkout": _("the checkout"),
    "confirmation": _("the confirmation"),
    "order": _("the order’s page"),
    "account": _("the account"),
    "site": _("every page"),
    "parcel": _("the parcel"),
    "complaint": _("a complaint"),
}


def value_of(rule: Rule, version: Version, language: str) -> str:
    """Return what a term is: ``14 calendar days``, ``€150.00``, ``yes``; "" for other kinds."""
    value = version.value
    if value is None:
        return ""
    if rule.unit in LENGTHS:
        return _length(value, rule.unit)
    if rule.unit == "money":
        return str(
            format_currency(Decimal(str(value["amount"])), value["currency"], locale=locale_of(language))
        )
    if rule.unit == "flag":
        return gettext("yes") if value else gettext("no")
    if rule.unit == "percent":
        return gettext("%(n)s percent") % {"n": _number(value, language)}
    if rule.unit == "count":
        return _number(value, language)
    return ", ".join(map(code_in_words, value)) if isinstance(value, list | tuple) else code_in_words(value)


def _length(value: Any, unit: str) -> str:
    return length_in_words(Length(value, unit)) if isinstance(value, int) else gettext("no fixed end")


def _number(value: Any, language: str) -> str:
    return str(format_decimal(Decimal(str(value)), locale=locale_of(language)))


def code_in_words(code: Any) -> str:
    """Return a choice in words; a code without words of its own as it is written."""
    known = CODES.get(str(code))
    return str(known) if known else str(code).replace("_", " ")


def text_of(rule: Rule, version: Version) -> str:
    """Return the sentence of a rule that has one: what a notice says, what a duty finds missing."""
    if rule.kind == "notice":
        return gettext(version.fields["text"]) if "text" in version.fields else ""
    if rule.kind != "duty":
        return ""
    return _duty_text(rule, version)


def _duty_text(rule: Rule, version: Version) -> str:
    """Return how the duty is met; what a sentence would name of a subject is named as the rule does."""
    asked = [_label(need) for need in version.needs] or [_label(str(version.fields.get("field", "")))]
    params = _Named(version.params, label=", ".join(filter(None, asked)))
    try:
        return " ".join((gettext(version.fields["fix"]) % params).split())
    except (ValueError, TypeError):  # a sentence with a bare % sign has no names to fill in
        return gettext(version.fields["fix"])


class _Named(dict[str, str]):
    """The names in a duty's sentence; those that only a subject knows are left out."""

    def __init__(self, params: Mapping[str, Any], *, label: str) -> None:
        warning = warning_texts.text_of(str(params["warning"]), "en") if "warning" in params else None
        said = {name: gettext(str(value)) for name, value in params.items() if isinstance(value, str)}
        super().__init__(said | {"label": label} | ({"warning": warning.text} if warning else {}))

    def __missing__(self, key: str) -> str:
        return ""


def _label(need: str) -> str:
    label = label_of(need) if need else ""
    return gettext(label) if label != need else need.replace(".", " ").replace("_", " ")


def where_in_words(places: Any) -> str:
    """Return where a notice is shown."""
    return ", ".join(str(WHERE.get(place, place)) for place in places)
