"""Draw the pictures of the demo range: ``python -m catalog.demo.draw [CODE…] [--webp] [--check]``.

Each product gets three: before a backdrop, seen closely, and in use. They are written as SVG; with
--webp they are also rendered at 1200 × 1200 by Chromium (package playwright) for the shop.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from catalog.demo.drawing import scenes, things_home, things_pantry, things_play, things_wear
from catalog.demo.drawing.brush import Thing
from catalog.demo.drawing.palettes import PALETTES
from catalog.demo.reading import DemoProduct, Drawing, products

MOST_BYTES = 40_000
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
MODULES = (things_pantry, things_home, things_wear, things_play)


def thing_of(drawing: Drawing) -> Thing:
    """Return the drawn object a product's `picture` asks for."""
    make: Callable[..., Thing] = next(getattr(m, drawing.kind) for m in MODULES if hasattr(m, drawing.kind))
    return make(**drawing.values)


def draw(drawing: Drawing) -> tuple[str, str, str]:
    """Return the three SVG files of a product: alone, close, in use."""
    thing, palette = thing_of(drawing), PALETTES[drawing.palette]
    room = scenes.ROOMS[drawing.room]
    return scenes.front(thing, palette, drawing.backdrop), scenes.detail(thing, palette), room(thing, palette)


def files_of(product: DemoProduct) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every SVG file of a product."""
    for picture, svg in zip(product.pictures, draw(product.drawing), strict=True):
        yield picture.path.with_suffix(".svg"), svg


def write(chosen: Iterable[DemoProduct]) -> list[Path]:
    """Write the SVG files that changed; return their paths."""
    changed = []
    for product in chosen:
        for path, svg in files_of(product):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text("utf-8") != svg:
                path.write_text(svg, "utf-8")
                changed.append(path)
    return changed


def render(paths: Iterable[Path]) -> None:
    """Render SVG files to WebP beside them."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": scenes.SIZE, "height": scenes.SIZE})
        for path in paths:
            page.set_content(f'<body style="margin:0">{path.read_text("utf-8")}')
            path.with_suffix(".webp").write_bytes(_small_webp(page.screenshot()))
        browser.close()


def _small_webp(png: bytes) -> bytes:
    """Return the picture as WebP of at most MOST_BYTES, as good as that allows."""
    from PIL import Image

    picture: Any = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (78, 70, 62, 54, 46, 38, 30, 24, 18, 12):
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def stale(chosen: Iterable[DemoProduct]) -> list[Path]:
    """Return the SVG files that are missing or not what the code draws now."""
    return [
        p
        for product in chosen
        for p, svg in files_of(product)
        if not p.exists() or p.read_text("utf-8") != svg
    ]


def _is_older(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="draw", description="Draw the pictures of the demo range.")
    parser.add_argument("codes", nargs="*", help="products to draw; all if none is named")
    parser.add_argument("--webp", action="store_true", help="also render what is newer than its WebP")
    parser.add_argument("--check", action="store_true", help="only say which files are stale")
    options = parser.parse_args(arguments)
    chosen = [p for p in products() if not options.codes or p.code in options.codes]
    if options.check:
        old = stale(chosen)
        print("\n".join(str(path) for path in old))
        return 1 if old else 0
    changed = write(chosen)
    if options.webp:
        every = {pic.path.with_suffix(".svg") for p in chosen for pic in p.pictures}
        render(sorted(path for path in every if _is_older(path.with_suffix(".webp"), path)))
    print(f"{len(chosen)} products, {len(changed)} files changed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
