"""Which sentences the code and the templates mark for translation, which a language lacks, and adding them.

A catalogue (`locale/<language>/LC_MESSAGES/django.po`, and one in an app's folder for what the app
says) is text that people review line by line: what is added goes to its end, and nothing else in
the file moves.
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

KEYWORDS: Mapping[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_SAYING = {"Problem": slice(1, 3), "FileRefused": slice(0, 2), "Words": slice(0, 1), "_refuse": slice(1, 2)}
_SILENT = {name for name, value in vars(builtins).items() if isinstance(value, type)} | {
    "CommandError",
    "Http404",
    "ImproperlyConfigured",
    "Misfit",
}
_FOR_ENGINEERS = {"demo", "embedded", "management", "migrations", "settings"}
CODE = ("catalog", "complaints", "compliance", "marketplace", "orders", "returns")
TEMPLATES = "templates"
STAFF_ONLY = {"templates/gallery.html"}  # shows components with made-up words
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?[a-z]+[^>]*>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One marked sentence. `plural` is empty for one without number; `context` tells homonyms apart."""

    msgid: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.msgid, self.context


@dataclass(frozen=True, slots=True)
class Misfit(Exception):
    """A translation that would break its sentence: `reason` says what it lacks."""

    msgid: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.msgid!r}"


def marked(root: Path) -> dict[Sentence, list[str]]:
    """Return every sentence of the apps and templates below `root`, with the files that say it, in order."""
    found: dict[Sentence, list[str]] = {}
    for path in _sources(root):
        name = str(path.relative_to(root))
        for sentence in sentences_of(path):
            found.setdefault(sentence, []).append(name)
    return found


def _sources(root: Path) -> list[Path]:
    code = (path for app in CODE for path in (root / app).rglob("*.py"))
    pages = (path for path in root.rglob(f"{TEMPLATES}/**/*") if path.suffix in (".html", ".txt"))
    own = (path for path in pages if path.relative_to(root).parts[0] in (TEMPLATES, *CODE))
    return sorted(path for path in {*code, *own} if str(path.relative_to(root)) not in STAFF_ONLY)


def sentences_of(path: Path) -> tuple[Sentence, ...]:
    """Return what one file marks, in its order, each once."""
    return _sentences_in(path, path.stat().st_mtime_ns)


@cache
def _sentences_in(path: Path, _changed_at: int) -> tuple[Sentence, ...]:
    source = path.read_text(encoding="utf-8")
    text = source if path.suffix == ".py" else templatize(source)
    found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS)
    sentences = [_sentence(message, context) for _, message, _, context in found if message]
    if path.suffix == ".py" and not _FOR_ENGINEERS & set(path.parts):
        sentences += map(Sentence, _said_far_from_its_edge(source))
    return tuple(dict.fromkeys(sentences))


def _said_far_from_its_edge(source: str) -> Iterator[str]:
    """Yield the English sentences of errors and problems in code, which an edge translates when it shows them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _texts(node.exc.args[:1] if _name(node.exc) not in _SILENT else [])
        elif isinstance(node, ast.Call) and _name(node) in _SAYING:
            yield from _texts(node.args[_SAYING[_name(node)]])
        elif isinstance(node, ast.ClassDef):
            yield from _titles(node)


def _titles(node: ast.ClassDef) -> Iterator[str]:
    """Yield the title of a class of errors: `code, title, status = …`."""
    for line in node.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else None
        if isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):  # type: ignore[union-attr]
            named = zip(target.elts, line.value.elts, strict=True)  # type: ignore[union-attr]
            yield from _texts([value for name, value in named if getattr(name, "id", "") == "title"])


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value


def _sentence(message: str | tuple[str, ...], context: str | None) -> Sentence:
    msgid, plural = message if isinstance(message, tuple) else (message, "")
    return Sentence(msgid, plural or "", context or "")


def catalogues(root: Path, language: str) -> list[Path]:
    """Return the catalogues of a language ("de", "zh_Hans"): the shop's, then those of apps."""
    file = f"locale/{language}/LC_MESSAGES/django.po"
    return [path for path in (root / file, *sorted(root.glob(f"*/{file}"))) if path.exists()]


def translated(root: Path, language: str) -> dict[tuple[str, str], Message]:
    """Return what a language has a whole, reviewed form of, by msgid and context."""
    return {
        (forms_of(message.id)[0], message.context or ""): message
        for path in catalogues(root, language)
        for message in _messages(path)
        if message.id and all(forms_of(message.string)) and not message.fuzzy
    }


@cache
def _messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return list(read_po(file))


def forms_of(text: str | Iterable[str]) -> tuple[str, ...]:
    """Return the forms of a message's id or string, one or several."""
    return (text,) if isinstance(text, str) else tuple(text)


def missing(root: Path, language: str, *, under: str = "") -> dict[Sentence, list[str]]:
    """Return the sentences that `language` lacks, with the files (beginning with `under`) that say them."""
    known = translated(root, language)
    found = {
        sentence: [name for name in names if name.startswith(under)]
        for sentence, names in marked(root).items()
        if sentence.key not in known
    }
    return {sentence: names for sentence, names in found.items() if names}


def misfit(sentence: Sentence, forms: Iterable[str]) -> str:
    """Return why these forms cannot stand for the sentence, or "" if they can."""
    ids = [sentence.msgid, sentence.plural] if sentence.plural else [sentence.msgid]
    reasons = (
        reason for form in forms for reason in [_reason(ids, form)] if reason
    )  # each form may follow the singular or the plural
    return next(reasons, "")


def _reason(ids: list[str], form: str) -> str:
    if not form.strip():
        return "empty"
    for what, pattern in (("placeholders", PLACEHOLDER), ("tags", TAG)):
        if sorted(pattern.findall(form)) not in [sorted(pattern.findall(one)) for one in ids]:
            return f"other {what}"
    if _edges(form) not in [_edges(one) for one in ids]:
        return "other spaces at its ends"
    return "an exclamation mark" if "!" in form or "\uff01" in form else ""


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def insert(path: Path, additions: Mapping[Sentence, tuple[str, ...]]) -> int:
    """Write translations into a catalogue and return how many; one that is there is replaced.

    :raises Misfit: for the first that loses a placeholder, a tag or a space, or has fewer or more forms than the
        language has plurals; nothing is written then.
    """
    head, *blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    said = re.search(r"nplurals=(\d+)", head)
    plurals = int(said[1]) if said else 0
    for sentence, forms in additions.items():
        if reason := misfit(sentence, forms):
            raise Misfit(sentence.msgid, reason)
        if sentence.plural and plurals and len(forms) != plurals:
            raise Misfit(sentence.msgid, f"{len(forms)} forms instead of {plurals}")
    fresh = {sentence.key: _entry(sentence, forms) for sentence, forms in additions.items()}
    first_lines = {f"msgid {_quoted(msgid)}" for msgid, _ in fresh} | {'msgid ""'}
    kept = [
        fresh.pop(_key(head, block), block) if first_lines & set(block.splitlines()) else block
        for block in blocks
    ]
    path.write_text("\n\n".join([head, *kept, *fresh.values()]) + "\n", encoding="utf-8")
    _messages.cache_clear()
    return len(additions)


def _key(head: str, block: str) -> tuple[str, str]:
    """Return msgid and context of a block of a catalogue, whose head says how many plurals there are."""
    message = next(one for one in read_po(io.BytesIO(f"{head}\n\n{block}".encode())) if one.id)
    return forms_of(message.id)[0], message.context or ""


def _entry(sentence: Sentence, forms: tuple[str, ...]) -> str:
    lines = ["#, python-format"] if re.search(r"%\(\w+\)[a-z]", sentence.msgid + sentence.plural) else []
    if sentence.context:
        lines.append(f"msgctxt {_quoted(sentence.context)}")
    lines.append(f"msgid {_quoted(sentence.msgid)}")
    if not sentence.plural:
        return "\n".join([*lines, f"msgstr {_quoted(forms[0])}"])
    lines.append(f"msgid_plural {_quoted(sentence.plural)}")
    return "\n".join([*lines, *(f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(forms))])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def read_additions(text: str, marked_ones: Iterable[Sentence]) -> Iterator[tuple[Sentence, tuple[str, ...]]]:
    """Read what a translator hands in: an object msgid → text, or lines as the command prints, with "msgstr".

    :raises Misfit: for a msgid that no file marks, or one without a text.
    """
    known = {sentence.key: sentence for sentence in marked_ones}
    for msgid, context, given in _handed_in(text):
        sentence = known.get((msgid, context))
        if sentence is None:
            raise Misfit(msgid, "no file says this")
        if not given:
            raise Misfit(msgid, "no translation")
        yield sentence, forms_of(given)


def _handed_in(text: str) -> Iterator[tuple[str, str, Any]]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        whole = [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(whole, dict) and "msgid" not in whole:
        yield from ((msgid, "", given) for msgid, given in whole.items())
        return
    for line in whole if isinstance(whole, list) else [whole]:
        yield line["msgid"], line.get("context", ""), line.get("msgstr")
