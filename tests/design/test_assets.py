"""What pages name exists: the joined stylesheet, icons, classes, vendored files as their list says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from tests.design import stylesheet

ROOT = Path(__file__).resolve().parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "email" not in path.parts)


def _words(path: Path) -> str:
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)


def _unstyled(page: Path) -> set[str]:
    """Return the classes of a template, but for those a tag makes, whose block no rule names."""
    styled = set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", stylesheet.joined()))
    used = {
        name
        for value in re.findall(r'class="([^"]*)"', re.sub(r"{[{%].*?[%}]}", "\0", _words(page)))
        for name in value.split()
        if "\0" not in name
    }
    return {name for name in used - styled if name.split("__")[0].split("--")[0] not in styled}


def test_the_stylesheet_is_its_parts_joined() -> None:
    assert (STATIC / "css" / "app.css").read_text() == stylesheet.joined()


def test_every_part_stays_in_a_layer() -> None:
    outside = [
        part.name
        for part in stylesheet.parts()
        if re.sub(r"/\*.*?\*/|@layer [\w, ]+;|@font-face \{[^}]*\}", "", part.read_text(), flags=re.DOTALL)
        .strip()
        .split(" ", 1)[0]
        != "@layer"
    ]
    assert outside == []


def test_braces_match_in_every_part() -> None:
    assert {
        p.name for p in stylesheet.parts() if p.read_text().count("{") != p.read_text().count("}")
    } == set()


def test_colours_live_in_the_tokens_alone() -> None:
    strays = {
        part.name: found
        for part in stylesheet.parts()
        if part.name not in ("0-tokens.css", "6-print.css")
        and (found := re.findall(r"#[0-9a-f]{6}\b|\brgba?\(|\bhsla?\(", part.read_text()))
    }
    assert strays == {}


def test_every_used_property_is_a_token_or_set_locally() -> None:
    text = stylesheet.joined()
    used, declared = set(re.findall(r"var\((--[\w-]+)", text)), set(re.findall(r"(--[\w-]+):", text))
    assert used - declared == {"--table-height"}


def test_every_icon_named_by_a_template_is_in_the_sprite() -> None:
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons" / "sprite.svg").read_text()))
    named = {
        name
        for page in PAGES
        for pattern in (
            r'icon\.html" with name="([\w-]+)"',
            r'\bicon="([\w-]+)"',
            r"sprite\.svg' %}#([\w-]+)",
        )
        for name in re.findall(pattern, _words(page))
    }
    assert named - symbols == set()


def test_every_class_of_a_page_has_a_style() -> None:
    ours = [page for page in PAGES if not {"admin", "unfold"} & set(page.relative_to(TEMPLATES).parts)]
    scripts = "".join(path.read_text() for path in (STATIC / "js").rglob("*.js"))
    assert {
        f"{page.relative_to(TEMPLATES)}: {name}"
        for page in ours
        for name in _unstyled(page)
        if name not in scripts
    } == set()


def test_every_class_of_a_component_has_a_style() -> None:
    assert {name for component in COMPONENTS for name in _unstyled(component)} == set()


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_says_its_parameters(path: Path) -> None:
    get_template(f"components/{path.name}")
    assert path.read_text().startswith("{% comment %}\n")


def test_no_page_carries_inline_style_or_script() -> None:
    found = {
        str(page.relative_to(TEMPLATES)): hits
        for page in PAGES
        if (hits := re.findall(r"<style|\sstyle=|<script(?![^>]*\bsrc=)[^>]*>|\son\w+=\"", _words(page)))
        and hits != ['<script type="application/ld+json">']
    }
    assert found == {}


def test_vendored_files_are_what_their_list_says() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (STATIC / "VENDORED.md").read_text(), flags=re.M
    )
    actual = [(name, hashlib.sha256((STATIC / name).read_bytes()).hexdigest()) for name, _ in rows]
    assert rows == actual


def test_every_vendored_file_is_listed() -> None:
    listed = set(re.findall(r"^\| `([^`]+)` \|", (STATIC / "VENDORED.md").read_text(), flags=re.M))
    there = {
        str(path.relative_to(STATIC))
        for folder in ("fonts", "vendor")
        for path in (STATIC / folder).rglob("*.*")
    }
    assert {name for name in there if not name.endswith(".txt")} - listed == set()
