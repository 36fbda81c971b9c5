"""Who answers for a product in a market other than its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

ROLE_NAMES = {
    "importer": _("Importer"),
    "responsible_person": _("Responsible person"),
    "authorised_representative": _("Authorised representative"),
    "domestic_agent": _("Domestic agent"),
    "domestic_administrator": _("Domestic administrator"),
    "fsvp_importer": _("Importer under the US food programme (FSVP)"),
}


def contacts_in(market: str, contacts: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return those who answer in a market or in its country, in the order of the roles."""
    here = [one for one in contacts if one.get("market") in (market, market[:2])]
    order = list(ROLE_NAMES)
    return sorted(here, key=lambda one: order.index(one["role"]) if one.get("role") in order else len(order))


def role_in_words(role: str) -> str:
    """Return what somebody is for the product, in the reader's language."""
    return str(ROLE_NAMES.get(role, role))
