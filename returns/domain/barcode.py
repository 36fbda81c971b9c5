"""Code 128 (ISO/IEC 15417), set B: a text as a row of bars. Pure; drawn by whoever makes the label."""

from __future__ import annotations

# Widths of bars and spaces of the 107 symbols, in modules; the last one is stop (with its final bar).
_SYMBOLS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
_START_B, _STOP = 104, 106
QUIET = 10  # modules of white on each side


def code128(text: str) -> tuple[int, ...]:
    """Return widths in modules, bar and space by turns, beginning with a bar. Printable ASCII only.

    :raises ValueError: for characters that set B does not have, or no text.
    """
    if not text or any(not 32 <= ord(char) < 127 for char in text):
        raise ValueError(text)
    values = [ord(char) - 32 for char in text]
    check = (_START_B + sum(i * value for i, value in enumerate(values, start=1))) % 103
    symbols = [_START_B, *values, check, _STOP]
    return tuple(int(width) for symbol in symbols for width in _SYMBOLS[symbol])


def read128(widths: tuple[int, ...]) -> str:
    """Return the text of a row of bars, as a scanner would.

    :raises ValueError: if it is not Code 128 B, or its check symbol is wrong.
    """
    known = {pattern: value for value, pattern in enumerate(_SYMBOLS)}
    found, rest = [], list(widths)
    while rest:
        size = 7 if len(rest) == 7 else 6
        pattern, rest = "".join(map(str, rest[:size])), rest[size:]
        found.append(known[pattern])
    start, *values, check, stop = found
    if (start, stop) != (_START_B, _STOP):
        raise ValueError("start or stop")
    if check != (start + sum(i * value for i, value in enumerate(values, start=1))) % 103:
        raise ValueError("check")
    return "".join(chr(value + 32) for value in values)
