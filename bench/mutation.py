"""Mutants of the rulebook's counting and calculating code, and how many the worked cases and tests notice.

    bin/bench mutation [--sample 150] [--seed 20261123] [--only periods.py] [--minutes 60] [--without-held]

A mutant is one small change inside a function: a comparison, an operator, a number, a yes or no turned round. Each is
tried in a process of its own, forked from one in which everything is loaded, until the first that notices it: the
answers held fast of the questions that reach it, the tests of its module, the worked cases, then the other pure tests
with the second calculator. No database is asked. Who asks for examples by chance gets a few, always the same, and a
failure is not made smaller. Tests of speed do not count: a busy machine fails them too.

`--without-held` leaves out what is only held fast (tests/…/characterisation): what the tests written from the law notice.

A mutant that is still running after so many seconds of the processor is told apart from those noticed: it may never
end, or only be slow. What nobody notices is printed with its line. `mutation_equivalent.yaml` names mutants that change
nothing that can be observed, each with its reason; they do not count.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import gc
import importlib
import os
import random
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RULEBOOK = ROOT / "compliance" / "rulebook"
TESTS = ROOT / "tests" / "compliance" / "rulebook"
FILES = ("periods.py", "clocks.py", "book.py", "loader.py", "calculators")
DATA = (  # what is loaded from files, which only a mutant of the loader loads again
    "compliance.rulebook", "compliance.rulebook.tables", "compliance.rulebook.facts", "compliance.rulebook.fields",
    "compliance.rulebook.categories", "compliance.rulebook.strict_yaml", "compliance.rulebook.lookups",
    "compliance.rulebook.markets", "compliance.rulebook.substances", "compliance.rulebook.warning_texts",
)  # fmt: skip
EXAMPLES = 20  # of a property; the tests that say their number themselves keep it
PASSED_OVER = (  # how fast it is, what starts other processes, what no change of the code could fail
    "takes_less_than",
    "zone_of_the_server",
    "duplicate_rule_file",
    "version_changes_with_any_data",
)
FIRST = {  # the tests that know a module best; the others follow
    "periods.py": ("test_periods.py",), "clocks.py": ("test_clock.py",), "book.py": ("test_law.py",),
    "loader.py": ("test_loader.py", "test_law.py"), "landed": ("test_landed_price.py",),
    "prior_price.py": ("test_prior_price.py",), "unit_price.py": ("test_unit_price.py",),
    "refund_amount.py": ("test_refund_amount.py",), "clock.py": ("test_clock.py",), "clearance.py": ("test_clearance.py",),
    "landed_price.py": ("test_landed_price.py",), "deadline.py": ("test_deadline.py",), "facts_in.py": ("test_deadline.py",),
    "guarantee.py": ("test_guarantee.py",), "trader_status.py": ("test_trader_status.py",),
    "withdrawal.py": ("test_withdrawal.py",),
}  # fmt: skip
ASKS = {  # the questions that reach a module; every question reaches the others
    "landed": ("landed_price",), "landed_price.py": ("landed_price",), "prior_price.py": ("prior_price",),
    "unit_price.py": ("unit_price",), "refund_amount.py": ("refund_amount",), "refund.py": ("refund_deadline",),
    "clock.py": ("clock",), "clocks.py": ("clock",), "clearance.py": ("clearance",), "deadline.py": ("deadline",),
    "guarantee.py": ("guarantee",), "trader_status.py": ("trader_status",), "delivery.py": ("delivery",),
    "withdrawal.py": ("withdrawal", "withdrawal_declaration"), "periods.py": ("count", "hours"), "book.py": ("governs", "in_force"),
}  # fmt: skip
WIDE = ("periods.py", "book.py", "loader.py", "reasoning.py", "facts_in.py", "returning.py", "withdrawal.py")
DEADLINES = "400"  # of the second calculator, always the same
OTHERS = (
    "test_vocabulary.py",
    "test_edges.py",
    "test_edges_of_money.py",
    "test_cards.py",
    "test_periods.py",
    "test_clock.py",
    "test_law.py",
    "test_independent.py",
)

_COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_WORKED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}
_NAMED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the function it is in, and what is changed to what."""

    file: str
    function: str
    line: int
    number: int  # of the change within the file
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.function}: {self.what}"


class _Change(ast.NodeTransformer):
    """Walks through a file's functions; makes change `wanted`, or only lists what could be changed."""

    def __init__(self, wanted: int | None = None) -> None:
        self.wanted, self.count = wanted, 0
        self.found: list[tuple[int, int, str, str]] = []
        self.inside: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.inside.append(node.name)
        node.body = [self.visit(one) for one in node.body if not _is_docstring(one)] or [ast.Pass()]
        self.inside.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.inside.append(node.name)
        node.body = [self.visit(one) if isinstance(one, ast.FunctionDef) else one for one in node.body]
        self.inside.pop()
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return node  # the words of an error are not what is counted

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def _try(self, node: ast.AST, what: str) -> bool:
        if not self.inside or not any(name.islower() or name.startswith("_") for name in self.inside):
            return False
        here = self.count
        self.count += 1
        self.found.append((here, node.lineno, ".".join(self.inside), what))
        return here == self.wanted

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for at, operator in enumerate(node.ops):
            other = _COMPARED.get(type(operator))
            if other and self._try(node, f"{type(operator).__name__} → {other.__name__}"):
                node.ops[at] = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._try(node, "and ↔ or"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._try(node, "not removed"):
            return node.operand
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = _WORKED.get(type(node.op))
        if other and not _is_text(node) and self._try(node, f"{type(node.op).__name__} → {other.__name__}"):
            node.op = other()
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if self._try(node, "if ↔ else"):
            node.body, node.orelse = node.orelse, node.body
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if self._try(node, "condition turned round"):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool):
            if self._try(node, f"{node.value} → {not node.value}"):
                return ast.Constant(not node.value)
        elif isinstance(node.value, int) and self._try(node, f"{node.value} → {node.value + 1}"):
            return ast.Constant(node.value + 1)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if (
            isinstance(node.ctx, ast.Load)
            and node.id in _NAMED
            and self._try(node, f"{node.id} → {_NAMED[node.id]}")
        ):
            return ast.Name(_NAMED[node.id], ast.Load())
        return node


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(s, ast.Constant | ast.JoinedStr) and not isinstance(getattr(s, "value", 0), int)
        for s in (node.left, node.right)
    )


def files() -> list[Path]:
    found = [RULEBOOK / name for name in FILES]
    return sorted(
        path
        for one in found
        for path in ([one] if one.is_file() else one.rglob("*.py"))
        if path.name != "__init__.py"
    )


@functools.lru_cache(maxsize=64)
def mutants(path: Path) -> list[Mutant]:
    """Return every mutant of a file."""
    change = _Change()
    change.visit(ast.parse(path.read_text(encoding="utf-8")))
    name = str(path.relative_to(RULEBOOK))
    return [Mutant(name, function, line, number, what) for number, line, function, what in change.found]


# -- one mutant in this process


def apply(mutant: Mutant) -> None:
    """Give the functions of the loaded module the code of the mutant."""
    path = RULEBOOK / mutant.file
    tree = copy.deepcopy(ast.parse(path.read_text(encoding="utf-8")))
    changed = ast.fix_missing_locations(_Change(mutant.number).visit(tree))
    module = importlib.import_module(
        "compliance.rulebook." + mutant.file.removesuffix(".py").replace("/", ".")
    )
    codes = dict(_codes(compile(changed, str(path), "exec"), ""))
    for name, function in _functions(module):
        if name in codes and len(codes[name].co_freevars) == len(function.__code__.co_freevars):
            function.__code__ = codes[name]
    _forget(mutant.file)


def _forget(file: str) -> None:
    """Forget every answer that a change of a file could make another; what is loaded from files stays."""
    kept = () if file == "loader.py" else DATA if file == "periods.py" else (*DATA, PERIODS)
    for cached in _caches():
        if cached.__module__ not in kept:
            cached.cache_clear()
    _forget_laws()


@functools.lru_cache(maxsize=1)
def _caches() -> tuple[Any, ...]:
    """Return what remembers answers of the rulebook. Found before anything is forked."""
    found = (thing for thing in gc.get_objects() if type(thing) is _Cached)
    return tuple(
        one for one in found if (getattr(one, "__module__", None) or "").startswith("compliance.rulebook")
    )


def _forget_laws() -> None:
    """The book in use remembers which rule governs; a mutant is asked anew."""
    _book()._laws.clear()
    _book()._chains.clear()


@functools.lru_cache(maxsize=1)
def _book() -> Any:
    from compliance.rulebook import release

    return release()


PERIODS = "compliance.rulebook.periods"  # remembers holidays
_Cached = type(functools.lru_cache(lambda: None))


def _codes(code: types.CodeType, inside: str) -> Iterator[tuple[str, types.CodeType]]:
    for one in code.co_consts:
        if isinstance(one, types.CodeType) and not one.co_name.startswith("<"):
            name = f"{inside}{one.co_name}"
            yield name, one
            yield from _codes(one, f"{name}.")


def _functions(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    for name, thing in vars(module).items():
        if getattr(thing, "__module__", "") != module.__name__:
            continue
        for inner in [thing, *([] if not isinstance(thing, type) else vars(thing).values())]:
            function = _plain(inner)
            if function is not None:
                yield (
                    (f"{name}.{function.__name__}" if isinstance(thing, type) else function.__name__),
                    function,
                )


def _plain(thing: Any) -> Any:
    if isinstance(thing, property):
        thing = thing.fget
    if isinstance(thing, staticmethod | classmethod):
        thing = thing.__func__
    while hasattr(thing, "__wrapped__"):
        thing = thing.__wrapped__
    return thing if isinstance(thing, types.FunctionType) else None


def start(mutant: Mutant, seconds: int) -> int:
    """Try a mutant in a process of its own; return its number. `outcome_of` reads how it ended."""
    pid = os.fork()
    if pid == 0:
        _try(mutant, seconds)
    return pid


def outcome_of(status: int) -> str:
    """Return what the end of a mutant's process tells: noticed, unnoticed, endless."""
    if os.WIFSIGNALED(status):
        return "endless" if os.WTERMSIG(status) == signal.SIGPROF else "noticed"
    return "noticed" if os.WEXITSTATUS(status) else "unnoticed"


def _try(mutant: Mutant, seconds: int) -> None:
    """Never returns: ends 0 if nobody noticed, by a signal if it took too long."""
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of the processor, whoever else uses it
    _be_quiet()
    try:
        apply(mutant)
        noticed = not _holds(mutant.file)
    except BaseException:
        noticed = True
    os._exit(1 if noticed else 0)


def _holds(file: str) -> bool:
    """Return whether nobody notices: the cheap and near first, and nothing after the first that fails."""
    near = next((asks for part, asks in ASKS.items() if part in file.split("/")), ())
    return (
        (file != "loader.py" or _rule_files_hold())
        and _answers_hold(lambda ask: ask in near)
        and _run_tests(_own(file)) == 0
        and ((bool(near) and file.split("/")[-1] not in WIDE) or _answers_hold(lambda ask: ask not in near))
        and _cases_hold(file)
        and _run_tests([name for name in OTHERS if name not in _own(file)]) == 0
    )


def _answers_hold(is_asked: Callable[[str], bool]) -> bool:
    """Return whether the questions whose answers are held fast are answered as they were."""
    if _left_out:
        return True
    from compliance.rulebook import default
    from tests.compliance.rulebook.characterisation import as_json, says

    book = default()
    return all(as_json(says(ask, facts, book)) == held for ask, facts, held in _held_fast() if is_asked(ask))


_left_out: list[str] = []  # the answers held fast, if they are


def _rule_files_hold() -> bool:
    if _left_out:
        return True
    from tests.compliance.rulebook.characterisation import rule_files

    return all(said == held for said, (_, held) in zip(_said_of_files(), rule_files.held(), strict=True))


def _said_of_files() -> list[Any]:
    from tests.compliance.rulebook.characterisation import rule_files

    return rule_files.say_all([text for text, _ in rule_files.held()], _book())


@functools.lru_cache(maxsize=1)
def _held_fast() -> tuple[tuple[str, dict[str, Any], dict[str, Any]], ...]:
    from tests.compliance.rulebook.characterisation import questions

    return tuple(questions())


def _be_quiet() -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)


def _cases_hold(file: str = "") -> bool:
    """Return whether the worked cases that can reach a module are answered as they say."""
    from compliance.rulebook import default
    from compliance.rulebook.worked_cases import differences

    book = default()
    far = (
        ("clearance", "duties")
        if file and file not in ("book.py", "loader.py", "calculators/clearance.py")
        else ()
    )
    return not any(differences(case, book) for case in _cases() if case.ask not in far)


@functools.lru_cache(maxsize=1)
def _cases() -> tuple[Any, ...]:
    from compliance.rulebook.worked_cases import load_cases

    return load_cases()


def _own(file: str) -> tuple[str, ...]:
    return next((tests for part, tests in FIRST.items() if part in file.split("/")), ())


def _run_tests(names: Iterable[str], *more: str) -> int:
    """Run some files of tests; return 0 if all hold, or there are none."""
    import pytest

    paths = [str(TESTS / name) for name in names if (TESTS / name).exists()]
    plain = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:django", "-p", "no:randomly"]
    plain += ["--noconftest", "-o", "addopts=", "-k", " and ".join(f"not {one}" for one in PASSED_OVER)]
    return int(pytest.main([*plain, *more, *paths])) if paths else 0


def _few_examples() -> None:
    from hypothesis import Phase, settings

    settings.register_profile(
        "mutants",
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
    )
    settings.load_profile("mutants")


# -- the run


def equivalent() -> dict[str, str]:
    """Return the mutants that change nothing to be seen, with the reasons."""
    from compliance.rulebook.strict_yaml import load_plain

    path = Path(__file__).with_name("mutation_equivalent.yaml")
    return dict(load_plain(path)) if path.exists() else {}


def run(options: argparse.Namespace) -> int:
    _left_out[:] = ["held"] if options.without_held else []
    everything = [one for path in files() for one in mutants(path) if options.only in one.file]
    excused = equivalent()
    counted = [one for one in everything if _name(one) not in excused]
    chosen = random.Random(options.seed).sample(counted, min(options.sample, len(counted)))
    print(
        f"{len(everything):,} mutants, {len(everything) - len(counted)} of them equivalent; {len(chosen)} tried",
        flush=True,
    )
    _warm_up()
    print("loaded", flush=True)
    ended = _try_all(chosen, options)
    _tell(ended)
    return 0


def _try_all(chosen: Sequence[Mutant], options: argparse.Namespace) -> dict[Mutant, str]:
    """Try mutants in the order chance gave them, a few at once, until the time is up; return how each ended."""
    waiting, running, ended = list(chosen), {}, {}
    end = time.monotonic() + 60 * options.minutes
    while running or (waiting and time.monotonic() < end):
        while waiting and len(running) < min(options.processes, 2) and time.monotonic() < end:
            one = waiting.pop()
            running[start(one, options.seconds)] = one
        pid, status = os.wait()
        one = running.pop(pid)
        ended[one] = outcome_of(status)
        if ended[one] != "noticed":
            print(f"  {ended[one]}: {_name(one)} (line {one.line})", flush=True)
        if len(ended) % 10 == 0:
            noticed = Counter(ended.values())["noticed"]
            print(f"  {len(ended)} of {len(chosen)} tried, {noticed / len(ended):.1%} noticed", flush=True)
    return ended


def _tell(ended: Mapping[Mutant, str]) -> None:
    of_file: dict[str, Counter[str]] = {}
    for one, how in ended.items():
        of_file.setdefault(one.file, Counter())[how] += 1
    for file, counts in sorted(of_file.items()):
        print(
            f"{file:32} {counts['noticed']:4} of {counts.total():4}  {counts['noticed'] / counts.total():.0%}"
        )
    counts = Counter(ended.values())
    print(
        f"all {counts['noticed']} of {counts.total()}: {counts['noticed'] / max(counts.total(), 1):.1%}"
        f" noticed; {counts['endless']} took too long, {counts['unnoticed']} unnoticed"
    )


def _name(mutant: Mutant) -> str:
    """Return a name that outlives a change of lines elsewhere: file, function, change, and which of these it is."""
    alike = [
        one.number
        for one in mutants(RULEBOOK / mutant.file)
        if (one.function, one.what) == (mutant.function, mutant.what)
    ]
    return f"{mutant.file} {mutant.function} {mutant.what} #{alike.index(mutant.number)}"


def _warm_up() -> None:
    """Load what every mutant needs, and make sure that nothing fails without one."""
    os.environ["DEADLINES"] = DEADLINES
    _few_examples()
    every = list(dict.fromkeys(name for names in (*FIRST.values(), OTHERS) for name in names))
    _run_tests(every, "--collect-only")  # the modules stay loaded
    _rule_files_hold(), _answers_hold(lambda ask: True), _cases_hold(), _caches()
    gc.freeze()
    for file in ("book.py", "loader.py", "calculators/landed/work.py"):
        pid = os.fork()
        if pid == 0:
            _be_quiet()
            _forget(file)
            os._exit(not _holds(file))
        if os.waitpid(pid, 0)[1]:
            raise SystemExit(f"Something fails in the place of {file} before anything is changed.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--minutes", type=float, default=60, help="no mutant is begun later")
    parser.add_argument("--processes", type=int, default=2, help="at once, two at most")
    parser.add_argument("--seconds", type=int, default=90, help="of the processor, for each")
    parser.add_argument("--without-held", action="store_true", help="leave out the answers held fast")
    parser.add_argument("--only", default="", help="files whose name holds this")
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
