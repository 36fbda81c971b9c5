"""Who answers for a thing that was bought, from what its contract froze."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.queries.contacts import role_in_words
from catalog.queries.makers import source_in_words
from marketplace.accounts.place import market_name

PERSON = ("name", "address", "email", "country")


def who_answers(promised: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (what they are, name and address) of all who answer for a thing, in the active language.

    `promised` is the frozen description of a line. Contracts made before local contacts were kept have none.
    """
    local = promised.get("local_contacts", ())
    rows = [
        (_("Manufacturer"), _party(promised, "manufacturer")),
        (_("Responsible person in the EU"), _party(promised, "responsible_person")),
        *((_role(one), _person(one)) for one in local),
    ]
    return [(role, person) for role, person in rows if person]


def answering_by_title(lines: Iterable[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return who answers for several things, as groups {title, rows [{label, value}]}: the same people once.

    `lines` are (title, frozen description); a group's title names its things where not the same people answer for all.
    """
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for title, promised in lines:
        groups.setdefault(tuple(who_answers(promised)), []).append(title)
    is_one_for_all = len(groups) == 1
    return [
        {
            "title": ": ".join([_("Who answers for it"), *([] if is_one_for_all else [", ".join(titles)])]),
            "rows": [{"label": role, "value": person} for role, person in people],
        }
        for people, titles in groups.items()
        if people
    ]


def _role(contact: Mapping[str, str]) -> str:
    where = market_name(contact["market"], get_language() or "en")
    return f"{role_in_words(contact['role'])} ({where})"


def _party(promised: Mapping[str, Any], name: str) -> str:
    """Return who it is and, if the listing did not say it itself, whose record it came from."""
    source = source_in_words(promised.get("makers_sources", {}).get(name, ""))
    said = _person(promised.get(name, {}))
    return f"{said} ({source})" if said and source else said


def _person(person: Mapping[str, Any]) -> str:
    return ", ".join(str(person[key]) for key in PERSON if person.get(key))
