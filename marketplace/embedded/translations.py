"""Compile the translators' files (.po) into what the application reads (.mo)."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po


def stale(root: Path) -> Iterator[Path]:
    """Translations below root/locale and root/*/locale that are newer than what was compiled from them."""
    for pattern in ("locale/*/LC_MESSAGES/*.po", "*/locale/*/LC_MESSAGES/*.po"):
        for source in sorted(root.glob(pattern)):
            compiled = source.with_suffix(".mo")
            if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
                yield source


def compile_stale(root: Path) -> int:
    """Compile what is stale; returns how many files could not be read (each is named on standard error)."""
    broken = 0
    for source in stale(root):
        try:
            _compile(source)
        except (PoFileError, UnicodeDecodeError) as error:
            print(f"{source}: {error}", file=sys.stderr)
            broken += 1
    return broken


def _compile(source: Path) -> None:
    """Unreviewed ("fuzzy") messages stay out, even where the whole file is marked so, as new ones are."""
    with source.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    draft = source.with_suffix(f".{os.getpid()}.part")
    with draft.open("wb") as file:
        write_mo(file, catalogue, use_fuzzy=False)
    draft.rename(source.with_suffix(".mo"))
