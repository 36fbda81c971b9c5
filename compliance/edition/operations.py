"""Proposing and deciding changes of law: whoever proposes does not decide."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from compliance import rulebook
from compliance.edition import keeping, queries, texts
from compliance.edition.models import RuleChange
from compliance.events import RulebookChanged
from compliance.rulebook.strict_yaml import BookRefused
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

SOURCES = ("official", "secondary")


class AlreadyProposed(Conflict):
    code: ClassVar[str] = "rule_change_open"
    title: ClassVar[str] = gettext_noop("A change of this rule waits for a decision already.")


class AlreadyDecided(Conflict):
    code: ClassVar[str] = "rule_change_decided"
    title: ClassVar[str] = gettext_noop("This change was decided already.")


class OwnProposal(NotAllowed):
    code: ClassVar[str] = "second_pair_of_eyes"
    title: ClassVar[str] = gettext_noop("Somebody else has to decide what you proposed.")


class RuleRefused(Invalid):
    """The text is not a rule file; `refusals` are "file:line: reason"."""

    code: ClassVar[str] = "rule_refused"
    title: ClassVar[str] = gettext_noop("This is not a rule file as we can read it.")


def confirm_rule(*, rule: str, confidence: str, note: str, user_id: int, now: datetime) -> RuleChange:
    """Propose that a rule was read in a source ("official": the law itself, or "secondary"); it may block sales after that."""
    if confidence not in SOURCES:
        raise Invalid("Say whether you read it in the law itself or elsewhere.", field="confidence")
    text = texts.confirmed(_text_of(rule), confidence=confidence, on=now.date())
    return _propose(rule, RuleChange.Kind.CONFIRM, text, note, user_id, now)


def switch_off_rule(*, rule: str, note: str, user_id: int, now: datetime) -> RuleChange:
    """Propose that a rule stops binding."""
    text = texts.switched_off(_text_of(rule))
    return _propose(rule, RuleChange.Kind.SWITCH_OFF, text, note, user_id, now)


def propose_text(*, content: str, note: str, user_id: int, now: datetime) -> RuleChange:
    """Propose a rule file: a new rule, or an existing one that is to read differently.

    :raises RuleRefused: with every line that is wrong.
    """
    rule = rule_id_in(content)
    kind = RuleChange.Kind.CORRECT if rule in rulebook.default().rules else RuleChange.Kind.ADD
    return _propose(rule, kind, content, note, user_id, now)


def rule_id_in(content: str) -> str:
    """Return the id that a rule file names in its first lines. Raises RuleRefused."""
    for line in content.splitlines():
        if line.startswith("id:"):
            return line.removeprefix("id:").strip()
    raise RuleRefused("line 1: a rule file says its id: “id: fr.listing.toys.warnings”.", field="content")


@transaction.atomic
def _propose(rule: str, kind: str, content: str, note: str, user_id: int, now: datetime) -> RuleChange:
    if not note.strip():
        raise Invalid("Say why, so that the next person can follow.", field="note")
    try:
        queries.book_with({rule: content})
    except BookRefused as refused:
        reasons = [f"line {one.line}: {one.reason}" for one in refused.refusals]
        raise RuleRefused("; ".join(reasons), field="content") from None
    before = queries.text_in_use(rule)
    if before == content:
        raise Invalid("The rule reads exactly like this already.", field="content")
    try:
        with transaction.atomic():
            return RuleChange.objects.create(
                rule=rule, kind=kind, before=before, content=content, note=note.strip(),
                proposed_by_id=user_id, proposed_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise AlreadyProposed(field="rule") from None


@transaction.atomic
def accept_change(*, change_id: int, user_id: int, note: str = "", now: datetime) -> RuleChange:
    """Let a change bind from now on; every process answers from it within two seconds.

    :raises OwnProposal: if the same person proposed it.
    """
    change = _decide(change_id, RuleChange.State.ACCEPTED, user_id, note, now)
    outbox.publish(RulebookChanged(rules=(change.rule,)))
    transaction.on_commit(keeping.take_over)
    return change


@transaction.atomic
def reject_change(*, change_id: int, user_id: int, note: str, now: datetime) -> RuleChange:
    """Refuse a change, with the reason."""
    if not note.strip():
        raise Invalid("Say why it is refused.", field="note")
    return _decide(change_id, RuleChange.State.REJECTED, user_id, note, now)


@transaction.atomic
def withdraw_change(*, change_id: int, user_id: int, now: datetime) -> RuleChange:
    """Take one's own proposal back."""
    change = _open(change_id)
    if change.proposed_by_id != user_id:
        raise NotAllowed("Only who proposed it can take it back.")
    return _close(change, RuleChange.State.WITHDRAWN, user_id, "", now)


def _decide(change_id: int, state: str, user_id: int, note: str, now: datetime) -> RuleChange:
    change = _open(change_id)
    if change.proposed_by_id == user_id:
        raise OwnProposal
    return _close(change, state, user_id, note, now)


def _open(change_id: int) -> RuleChange:
    change = RuleChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NotFound(field="change")
    if change.state != RuleChange.State.PROPOSED:
        raise AlreadyDecided(state=change.state)
    return change


def _close(change: RuleChange, state: str, user_id: int, note: str, now: datetime) -> RuleChange:
    change.state, change.decided_by_id, change.decided_at, change.decision_note = (
        state,
        user_id,
        now,
        note.strip(),
    )
    change.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    return change


def _text_of(rule: str) -> str:
    text = queries.text_in_use(rule)
    if not text:
        raise NotFound(field="rule")
    return text
