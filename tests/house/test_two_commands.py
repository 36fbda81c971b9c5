"""The scripts in bin/: there, executable, and able to set themselves up once, whoever comes first."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.embedded import checks
from marketplace.embedded.__main__ import COMMANDS
from marketplace.embedded.errors import EmbeddedError
from marketplace.embedded.home import CHECKOUT

HABITS = {"up", "test", "lint", "bench", "manage", "reset", "shell", "backup", "restore"}
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-production.lock"]


def test_every_habit_has_its_script() -> None:
    scripts = {
        path.name for path in (CHECKOUT / "bin").iterdir() if os.access(path, os.X_OK) and path.is_file()
    }
    assert scripts == HABITS


@pytest.mark.parametrize("name", sorted(HABITS))
def test_script_is_small_and_calls_a_command_that_exists(name: str) -> None:
    lines = (CHECKOUT / "bin" / name).read_text().splitlines()
    called = re.match(r"run(?:_dev)? (\S+)", lines[-1])
    assert lines[0] == "#!/usr/bin/env bash"
    assert len(lines) < 10
    assert called
    assert called.group(1) in COMMANDS


def test_continuous_integration_runs_the_tests_and_nothing_else() -> None:
    script = CHECKOUT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == 'exec "$(dirname -- "${BASH_SOURCE[0]}")/../bin/test"'


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_names_a_hash_for_every_package_and_no_place(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    requirements = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert [line.split()[0] for line in requirements if "--hash=sha256:" not in line] == []
    assert re.findall(r"https?://|--index-url|--extra-index-url|--find-links", text) == []


@pytest.mark.parametrize("name", LOCKS[1:])
def test_lock_files_agree_with_each_other(name: str) -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9][^ ;\\]*==[^ ;\\]+)", (CHECKOUT / lock).read_text(), re.MULTILINE))

    assert pins("requirements.lock") - pins(name) == set()


@pytest.fixture(scope="module")
def new_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts with a lock file that lists nothing, and a command that says where it was run."""
    place = tmp_path_factory.mktemp("with spaces") / "shop"
    package = place / "marketplace" / "embedded"
    package.mkdir(parents=True)
    shutil.copytree(CHECKOUT / "bin", place / "bin")
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os, sys\nprint(sys.prefix, os.getcwd(), *sys.argv[1:], sep='|')\n"
    )
    for name in LOCKS[:2]:
        (place / name).write_text("# nothing\n")
    return place


def scripted(place: Path, name: str, *arguments: str, **extra: str) -> "subprocess.Popen[str]":
    env = {key: value for key, value in os.environ.items() if not key.startswith(("RIGHTFUL", "PYTHONPATH"))}
    return subprocess.Popen(
        [str(place / "bin" / name), *arguments],
        cwd="/",
        env={**env, "RIGHTFUL_PYTHON": sys.executable, **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def said_at_first(new_checkout: Path) -> list[tuple[str, str]]:
    """What three first uses at the same time have said."""
    runs = [scripted(new_checkout, "manage", "a b", str(number)) for number in range(3)]
    return [run.communicate(timeout=120) for run in runs]


@pytest.fixture
def small_checkout(new_checkout: Path, said_at_first: list[tuple[str, str]], tmp_path: Path) -> Path:
    """A copy of it after its first use."""
    place = tmp_path / "shop"
    shutil.copytree(new_checkout, place, symlinks=True)
    return place


def test_first_uses_at_the_same_time_install_once_and_later_ones_nothing(
    new_checkout: Path, said_at_first: list[tuple[str, str]]
) -> None:
    said, venv = said_at_first, new_checkout / ".venv"
    later = scripted(new_checkout, "manage", "again").communicate(timeout=60)
    assert [out for out, _ in said] == [f"{venv}|/|manage|a b|{number}\n" for number in range(3)]
    assert sum("Installing" in err for _, err in said) == 1
    assert later == (f"{venv}|/|manage|again\n", "")


def test_changed_lock_is_installed_again(small_checkout: Path) -> None:
    (small_checkout / "requirements.lock").write_text("# nothing, but newer\n")
    assert "Installing" in scripted(small_checkout, "manage").communicate(timeout=120)[1]


def test_failed_installation_starts_nothing_and_is_tried_again(small_checkout: Path) -> None:
    (small_checkout / "requirements.lock").write_text("no-hash==1.0\n")
    runs = [scripted(small_checkout, "manage") for _ in range(2)]
    said = [run.communicate(timeout=120) for run in runs]
    assert [(out, run.returncode) for (out, _), run in zip(said, runs, strict=True)] == [("", 1)] * 2
    assert ["Nothing was started" in err for _, err in said] == [True] * 2


def test_too_old_a_python_is_said(small_checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "env", "mkdir"):
        (tools / name).symlink_to(shutil.which(name) or "/missing")
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    shutil.rmtree(small_checkout / ".venv")
    hidden = small_checkout / "bin" / "_env"
    hidden.write_text(hidden.read_text().replace("/usr/bin/python3", "/no/python3"))
    run = scripted(small_checkout, "manage", PATH=str(tools), RIGHTFUL_PYTHON=str(old))
    _, err = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "needs Python 3.11 or later" in err


def test_stale_translations_are_compiled_first_and_fresh_ones_left_alone(small_checkout: Path) -> None:
    po = small_checkout / "locale" / "de" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.touch()
    stale = scripted(small_checkout, "manage").communicate(timeout=60)[0].splitlines()
    po.with_suffix(".mo").touch()
    fresh = scripted(small_checkout, "manage").communicate(timeout=60)[0].splitlines()
    prefix = f"{small_checkout / '.venv'}|/"
    assert (stale, fresh) == ([f"{prefix}|translations", f"{prefix}|manage"], [f"{prefix}|manage"])


def test_missing_browser_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _name, **_: None)
    with pytest.raises(EmbeddedError, match="apt-get install chromium"):
        checks.install_browser()


def test_unknown_bench_is_answered_with_the_known_ones() -> None:
    with pytest.raises(EmbeddedError, match=r"There is no bench/nonsense\.py"):
        checks.bench({}, "nonsense", [])
