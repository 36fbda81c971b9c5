"""Prepared replies are written by supervisors and checked before they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from complaints.domain import topics
from complaints.domain.errors import Incomplete
from complaints.domain.macros import unknown_in
from complaints.models import Macro
from complaints.queries.macros import is_rule
from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.words import noop as _

FILE = Path(__file__).resolve().parents[1] / "policies" / "macros.yaml"
THEN = ("", "wait_for_customer")
LONGEST = 5_000


@transaction.atomic
def save_macro(
    *, slug: str, name: str, bodies: Mapping[str, str], about: Sequence[str] = (), then: str = "", is_active: bool = True
) -> Macro:  # fmt: skip
    """Keep a prepared reply under its short name.

    :raises Incomplete: naming the field: no name, no English text, a placeholder that means nothing, an unknown topic.
    """
    kept = {language: body.strip().replace("\r\n", "\n") for language, body in bodies.items() if body.strip()}
    _check(slug, name, kept, about, then)
    Macro.objects.select_for_update().filter(slug=slug).first()
    found, _is_new = Macro.objects.update_or_create(
        slug=slug,
        defaults={
            "name": name.strip(),
            "bodies": kept,
            "topics": list(about),
            "then": then,
            "is_active": is_active,
        },
    )
    return found


def _check(slug: str, name: str, bodies: Mapping[str, str], about: Sequence[str], then: str) -> None:
    if not slug or not name.strip():
        raise Incomplete(_("Give it a short title."), field="name")
    if "en" not in bodies:
        raise Incomplete(_("Write it in English at least; other languages fall back to it."), field="body_en")
    if set(about) - set(topics.TOPICS):
        raise Incomplete(_("This is not one of the choices."), field="topics")
    if then not in THEN:
        raise Incomplete(_("This is not one of the choices."), field="then")
    for language, body in bodies.items():
        if language not in dict(settings.LANGUAGES) or len(body) > LONGEST:
            raise Incomplete(
                _("This text is longer than %(most)s characters."), field=f"body_{language}", most=LONGEST
            )
        if strange := unknown_in(body, is_rule=is_rule):
            raise Incomplete(
                _("Nothing is known as %(names)s."), field=f"body_{language}", names=", ".join(strange)
            )


def load_macros() -> int:
    """Keep the prepared replies of the house that are not there yet; what was changed here stays. Return how many."""
    made = 0
    for slug, content in load_plain(FILE).items():
        if not Macro.objects.filter(slug=slug).exists():
            save_macro(slug=slug, name=content["name"], bodies=content["bodies"], about=content.get("topics", ()),
                       then=content.get("then", ""))  # fmt: skip
            made += 1
    return made
