"""Which tickets fit whom, and by which rules of language their words are found."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from complaints.models import Agent, Ticket


def fitting(agent: Agent, rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return the tickets that an agent's languages, topics and markets fit; danger fits everybody."""
    fits = Q(language__in=agent.languages)
    if agent.topics:
        fits &= Q(topic__in=agent.topics)
    if agent.markets:
        fits &= Q(market__in=agent.markets)
    return rows.filter(fits | Q(priority=1, language__in=[*agent.languages, "en"]))


_CONFIGS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "nl": "dutch", "sv": "swedish",
    "nb": "norwegian", "no": "norwegian", "da": "danish", "fi": "finnish", "pt": "portuguese",
}  # fmt: skip


def search_config(language: str) -> str:
    """Return the database's text configuration for a language; plain words where it has none."""
    return _CONFIGS.get(language.split("-")[0], "simple")
