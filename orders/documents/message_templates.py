"""Common questions and answers, each said in the language of whoever reads it."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _


def template_text(code: str) -> str:
    """Return a common question or answer in the active language; "" for an unknown one."""
    return {
        "when": _("When will it arrive?"),
        "tracking": _("The tracking has not changed for some days. Do you know where the parcel is?"),
        "invoice": _("Could I have an invoice in another name?"),
        "part": _("A part is missing. How do I get it?"),
        "use": _("How do I use it? I do not find it in the instructions."),
        "fits": _("Will it fit? These are my measures:"),
        "stock": _("When will it be in stock again?"),
        "looking": _("Thank you for your message. We look into it and write again tomorrow."),
        "sent": _("It is on its way. You find the tracking on the order's page."),
        "photo": _("Could you send a photo of it, so that we can see what is wrong?"),
        "sorry": _("We are sorry for the trouble. This is what we do about it:"),
    }.get(code, "")


ORDER_CODES = ("when", "tracking", "part", "use", "invoice")
LISTING_CODES = ("fits", "use", "stock")
MERCHANT_CODES = ("looking", "sent", "photo", "sorry")


def shown_text(template: str, text: str) -> str:
    """Return what a message says in the active language: a template's words, else as it was written."""
    return template_text(template) or text


def is_template(code: str, text: str, language: str) -> bool:
    """Return whether a text is a template unchanged, as its writer saw it."""
    with translation.override(language):
        return bool(code) and template_text(code) == text.strip()
