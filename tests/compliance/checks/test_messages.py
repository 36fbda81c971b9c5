"""The translators see every sentence that a finding or a field can say."""

from __future__ import annotations

from compliance.management.commands.collect_messages import TARGET, module_text


def test_the_collected_sentences_are_those_of_the_present_rulebook() -> None:
    assert TARGET.read_text(encoding="utf-8") == module_text(), "run bin/manage collect_messages"
