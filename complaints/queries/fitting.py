"""Which tickets fit whom, and by which rules of language their words are found."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from complaints.models import Agent, Ticket

URGENT = (F("is_breached").desc(), F("due_at").asc(nulls_last=True), "priority", "id")


def fitting(agent: Agent, rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return the tickets that an agent's languages, topics and markets fit; danger fits everybody."""
    fits = Q(language__in=agent.languages)
    if agent.topics:
        fits &= Q(topic__in=agent.topics)
    if agent.markets:
        fits &= Q(market__in=agent.markets)
    return rows.filter(fits | Q(priority=1, language__in=[*agent.languages, "en"]))


def branches(agent: Agent, rows: QuerySet[Ticket]) -> list[QuerySet[Ticket]]:
    """Return what fits an agent, language by language, and danger: each reads its own index, and a row may be in two."""
    spoken = rows
    if agent.topics:
        spoken = spoken.filter(topic__in=agent.topics)
    if agent.markets:
        spoken = spoken.filter(market__in=agent.markets)
    found = [spoken.filter(language=language) for language in agent.languages]
    return [*found, rows.filter(priority=1, language__in=[*agent.languages, "en"])]


def most_urgent(agent: Agent, rows: QuerySet[Ticket], *, most: int) -> QuerySet[Ticket]:
    """Return the keys of the most urgent of those that fit, up to `most` of each branch.

    An agent of a rare language walks past nobody else's tickets.
    """
    first, *others = (one.order_by(*URGENT).values("pk")[:most] for one in branches(agent, rows))
    return first.union(*others, all=True)


def fits(agent: Agent, row: Ticket) -> bool:
    """Tell of one ticket what `fitting` asks the database."""
    if row.priority == 1 and row.language in (*agent.languages, "en"):
        return True
    return (
        row.language in agent.languages
        and (not agent.topics or row.topic in agent.topics)
        and (not agent.markets or row.market in agent.markets)
    )


_CONFIGS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "nl": "dutch", "sv": "swedish",
    "nb": "norwegian", "no": "norwegian", "da": "danish", "fi": "finnish", "pt": "portuguese",
}  # fmt: skip


def search_config(language: str) -> str:
    """Return the database's text configuration for a language; plain words where it has none."""
    return _CONFIGS.get(language.split("-")[0], "simple")
