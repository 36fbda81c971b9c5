"""Every pair of colours that meet on a page keeps its distance, in all four sets."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "0-tokens.css"
COLOUR = r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)"

GROUNDS = ["paper", "surface", "sunken", "slip"]
TEXTS = ["ink", "ink-soft", "ink-faint", "brand", "brand-strong"]
MEANINGS = ["allowed", "attention", "blocked", "information"]
TEXT_PAIRS = [
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    *((meaning, ground) for meaning in MEANINGS for ground in [*GROUNDS, f"{meaning}-tint"]),
    *(
        (text, f"{meaning}-tint")
        for text in ["ink", "ink-soft", "brand", "brand-strong"]
        for meaning in MEANINGS
    ),
    *((text, "brand-tint") for text in ["ink", "ink-soft", "brand", "brand-strong"]),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("surface", "blocked"),
    ("paper", "ink"),
]
CONTROL_PAIRS = [
    *(("edge", ground) for ground in [*GROUNDS, "brand-tint"]),
    *(("brand", ground) for ground in GROUNDS),
    *(("star", ground) for ground in GROUNDS),
    *(
        ("focus-outer", ground)
        for ground in [*GROUNDS, "brand-tint", *(f"{meaning}-tint" for meaning in MEANINGS)]
    ),
    ("focus-outer", "focus-inner"),
    ("focus-inner", "brand"),
    ("paper", "allowed"),
]


def _linear(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return linear sRGB of an OKLCH colour (lightness 0-100, chroma, hue). Source: CSS Color 4, section 18."""
    lightness, chroma, hue = colour[0] / 100, colour[1], math.radians(colour[2])
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in _linear(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the WCAG 2 contrast ratio of two OKLCH colours."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _sets() -> dict[str, dict[str, tuple[float, float, float]]]:
    usual, strong = TOKENS.read_text().split("@media (prefers-contrast: more)")
    sets: dict[str, dict[str, tuple[float, float, float]]] = {"light": {}, "dark": {}}
    _read(usual, sets["light"], sets["dark"])
    sets["light, high contrast"], sets["dark, high contrast"] = dict(sets["light"]), dict(sets["dark"])
    _read(strong, sets["light, high contrast"], sets["dark, high contrast"])
    return sets


def _read(
    text: str, light: dict[str, tuple[float, float, float]], dark: dict[str, tuple[float, float, float]]
) -> None:
    for name, *numbers in re.findall(rf"--([\w-]+): light-dark\({COLOUR}, {COLOUR}\)", text):
        values = [float(number) for number in numbers]
        light[name], dark[name] = (values[0], values[1], values[2]), (values[3], values[4], values[5])


SETS = _sets()


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast((0, 0, 0), (100, 0, 0)) == pytest.approx(21, abs=0.01)


def test_every_colour_token_is_read() -> None:
    declared = set(re.findall(r"--([\w-]+): light-dark\(", TOKENS.read_text()))
    assert set(SETS["light"]) == declared


@pytest.mark.parametrize("name", SETS)
def test_text_stands_out_by_four_and_a_half(name: str) -> None:
    tokens = SETS[name]
    weak = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("name", SETS)
def test_controls_and_focus_stand_out_by_three(name: str) -> None:
    tokens = SETS[name]
    weak = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in CONTROL_PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


@pytest.mark.parametrize("name", [name for name in SETS if "high" in name])
def test_high_contrast_reaches_seven(name: str) -> None:
    tokens = SETS[name]
    weak = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 7} == {}


@pytest.mark.parametrize("name", SETS)
def test_every_colour_can_be_shown_in_srgb(name: str) -> None:
    outside = {token: _linear(colour) for token, colour in SETS[name].items() if not _inside(_linear(colour))}
    assert outside == {}


def _inside(channels: tuple[float, float, float]) -> bool:
    return all(-0.004 <= channel <= 1.004 for channel in channels)
