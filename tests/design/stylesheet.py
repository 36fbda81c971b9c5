"""The one stylesheet that pages load: its parts in their order, one after another.

Browsers would fetch three dozen files through ``@import``; so the parts are joined once and
committed. ``python -m tests.design.stylesheet`` writes it; a test holds it to its parts.
"""

from __future__ import annotations

from pathlib import Path

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
HEADER = "/* Joined from the parts beside this file by tests/design/stylesheet.py. Edit the parts. */\n"


def parts() -> list[Path]:
    """Return the parts in cascade order: numbered files, folders spread out alphabetically."""
    return [
        part
        for entry in sorted(CSS.iterdir())
        if entry.name[0].isdigit()
        for part in (sorted(entry.glob("*.css")) if entry.is_dir() else [entry])
    ]


def joined() -> str:
    """Return the text of app.css."""
    return HEADER + "".join(f"\n/* {part.relative_to(CSS)} */\n{part.read_text()}" for part in parts())


if __name__ == "__main__":
    (CSS / "app.css").write_text(joined())
