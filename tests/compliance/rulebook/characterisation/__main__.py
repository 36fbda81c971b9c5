"""Renew the answers that are held fast, and show what is different; or add questions.

python -m tests.compliance.rulebook.characterisation            shows what is answered differently now
python -m tests.compliance.rulebook.characterisation --renew    and writes it down
python -m tests.compliance.rulebook.characterisation --grow 7   adds questions of a seed
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compliance.rulebook import default
from tests.compliance.rulebook.characterisation import ANSWERS, as_json, line_of, questions, rule_files, says
from tests.compliance.rulebook.characterisation.generator import grown


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--grow", type=int, metavar="SEED")
    parser.add_argument("--tries", type=int, default=1500)
    options = parser.parse_args()
    lines, different = _answered()
    files, odd = _read()
    if options.grow is not None:
        lines += grown(options.grow, options.tries, default(), lines)
        files |= rule_files.grown(options.grow, default(), files)
    if options.renew or options.grow is not None:
        _write(ANSWERS, lines)
        _write(rule_files.FILES, [rule_files.line_of(text, said) for text, said in files.items()])
    print(
        f"{len(lines)} questions, {different} answered differently; {len(files)} rule files, {odd} read differently"
    )
    sys.exit(0 if options.renew or options.grow is not None or not different + odd else 1)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _answered() -> tuple[list[str], int]:
    lines, different = [], 0
    for ask, facts, held in questions() if ANSWERS.exists() else ():
        said = as_json(says(ask, facts, default()))
        lines.append(line_of(ask, facts, said))
        if said != held:
            different += 1
            print(f"{ask} {facts}", *_told(held, said), sep="\n    ")
    return lines, different


def _read() -> tuple[dict[str, Any], int]:
    held = dict(rule_files.held()) if rule_files.FILES.exists() else {}
    files, different = dict(zip(held, rule_files.say_all(list(held), default()), strict=True)), 0
    for text, said in files.items():
        if said != held[text]:
            different += 1
            print(text, *_told(held[text], said), sep="\n    ")
    return files, different


def _told(held: Any, said: Any, at: str = "") -> Iterator[str]:
    if held == said:
        return
    if isinstance(held, dict) and isinstance(said, dict):
        for name in dict.fromkeys([*held, *said]):
            yield from _told(held.get(name), said.get(name), f"{at}.{name}")
        return
    yield f"{at[1:]}: {held!r} → {said!r}"


if __name__ == "__main__":
    main()
