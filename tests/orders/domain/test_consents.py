"""What people agreed to stays readable: words that change need a new version."""

from __future__ import annotations

from hashlib import sha256

from compliance.rulebook.exemptions import FACTS
from orders.domain.consents import WORDINGS

AGREED = {
    ("exclusion", "2026-11-24"): "0efc91d77f9ddca0",
    ("express_consent", "2026-11-24"): "706ae9a61a34d823",
    ("acknowledged_loss", "2026-11-24"): "277598ad4ee46e56",
    ("service_request", "2026-11-29"): "bd66bebbe62f3b09",
}


def test_every_consent_has_words_and_no_words_are_without_a_consent():
    assert WORDINGS.keys() == FACTS.keys()


def test_words_that_change_carry_a_new_version():
    said = {
        (kind, one.version): sha256(one.sentence.encode()).hexdigest()[:16] for kind, one in WORDINGS.items()
    }
    assert said == AGREED
