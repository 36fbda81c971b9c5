"""The texts of the rulebook's terms and notices that people read: msgids for the translators."""

from __future__ import annotations

from compliance.rulebook.book import Rule, Rulebook


def messages(book: Rulebook) -> tuple[str, ...]:
    """Return the titles of terms, the texts of notices and the notes that a step may say, sorted."""
    found: set[str] = set()
    for rule in book.rules.values():
        if rule.kind in ("term", "notice"):
            found.add(rule.title)
            found |= {str(version.fields["text"]) for version in rule.versions if "text" in version.fields}
        if _says_its_note(rule):
            found.add(rule.note)
    return tuple(sorted(found))


def _says_its_note(rule: Rule) -> bool:
    """Why a right does not exist here, and that a guarantee has no fixed end, is said by the note."""
    return bool(rule.note) and rule.name.startswith(("withdrawal.right", "guarantee.period"))
