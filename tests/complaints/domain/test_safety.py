"""Words of danger are found in many languages, whole words only."""

from __future__ import annotations

import pytest

from complaints.domain.safety import hazards_in


@pytest.mark.parametrize(
    ("text", "hazards"),
    [
        ("The charger caught fire and there was smoke.", ("fire",)),
        ("Das Ladegerät ist explodiert, mein Sohn wurde verletzt.", ("fire", "injury")),
        ("J'ai reçu une décharge… un choc électrique !", ("shock",)),
        ("Lampa kopie: porażenie prądem, są iskry", ("shock",)),
        ("充电器冒烟了，然后爆炸", ("fire",)),
        ("The firewall manual is missing.", ()),
        ("Die Brandung auf dem Bild ist blau.", ()),
        ("Late again, no answer, I want my money.", ()),
    ],
)
def test_danger_is_heard(text: str, hazards: tuple[str, ...]):
    assert hazards_in(text) == hazards
