"""A refusal is kept in English with what another language needs, and said in the reader's."""

import json

from catalog.importing.records import Problem
from marketplace.kernel.errors import Words

GERMAN = {
    "%(value)s is not a currency.": "%(value)s ist keine Währung.",
    "%(label)s: %(reason)s": "%(label)s: %(reason)s",
    "Length": "Länge",
    "this must be a number": "dies muss eine Zahl sein",
    "Write a code such as EUR.": "Schreiben Sie einen Code wie EUR.",
}


def said_in_german(problem: Problem) -> dict[str, str]:
    kept = json.loads(json.dumps(problem.as_json()))
    return Problem.in_words(kept, GERMAN.__getitem__)


def test_a_sentence_with_a_value_is_said_in_another_language_after_it_was_kept():
    what = Words("%(value)s is not a currency.", value="'EURO'")
    problem = Problem("currency", what, "Write a code such as EUR.")
    assert problem.as_json()["what"] == "'EURO' is not a currency."
    assert said_in_german(problem) == {
        "field": "currency",
        "what": "'EURO' ist keine Währung.",
        "fix": "Schreiben Sie einen Code wie EUR.",
    }


def test_a_sentence_inside_a_sentence_is_said_too():
    reason = Words("%(label)s: %(reason)s", label=Words("Length"), reason=Words("this must be a number"))
    problem = Problem("length", reason, "Write a code such as EUR.")
    assert said_in_german(problem)["what"] == "Länge: dies muss eine Zahl sein"


def test_a_plain_sentence_keeps_nothing_besides():
    problem = Problem("currency", "Write a code such as EUR.", "Write a code such as EUR.")
    assert problem.as_json() == {"field": "currency", "what": problem.what, "fix": problem.fix}
