"""The colours of a mood: a wall, a table, two companions and a deep tone that holds them together."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    wall: str
    table: str
    shape: str  # the arch, disc or panel behind the thing
    accent: str
    deep: str


PALETTES = {
    "honey": Palette("#f7e6c4", "#e3b873", "#f1d197", "#c9772b", "#5b3416"),
    "olive": Palette("#eceacb", "#b9b680", "#dad9a6", "#7d8437", "#3c4320"),
    "tea": Palette("#e4ead8", "#a9bb96", "#cddabb", "#5f7f52", "#2d4436"),
    "cocoa": Palette("#f0ddcd", "#b98a6b", "#e2bfa3", "#7d4630", "#3d2119"),
    "lavender": Palette("#e9e3f0", "#b3a4cb", "#d5cae4", "#7b64a6", "#3a2f59"),
    "rose": Palette("#f8e3de", "#dca79b", "#f0c8bd", "#b9564f", "#5a2530"),
    "sea": Palette("#dcebea", "#8fb9b8", "#bcd9d7", "#2f7b80", "#173f4a"),
    "slate": Palette("#e3e6e8", "#a3adb5", "#cbd3d8", "#50626f", "#27333d"),
    "sand": Palette("#f4ebdd", "#d3bd9b", "#e8d8bd", "#a8835a", "#4e3b2a"),
    "moss": Palette("#e6ead9", "#98a57d", "#cbd3b1", "#56692f", "#2c3821"),
    "sky": Palette("#e0ecf5", "#9dbcd6", "#c3d9ea", "#3b76a8", "#1d3f5e"),
    "brick": Palette("#f6e1d5", "#cf8d6d", "#e9bca1", "#b1492b", "#552318"),
    "night": Palette("#39435c", "#252d42", "#4b5877", "#e0b062", "#161b2b"),
    "blush": Palette("#fbeae4", "#e7c1b3", "#f4d6ca", "#cf7f6d", "#6b352f"),
    "mint": Palette("#e2f0e8", "#a3cbb6", "#c8e3d4", "#3f8c6a", "#1e4a3a"),
    "mustard": Palette("#f8ecc9", "#dcb24c", "#f0d588", "#b47a12", "#573a10"),
}
