"""`bin/lint`, `bin/test` and `bin/bench`: what a change must pass and what measures it.

Each has its own home below the product's (`test/`, `bench/`) and any free ports, so that neither ever touches
the demo's data or disturbs a running shop.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from marketplace.embedded.errors import EmbeddedError
from marketplace.embedded.home import CHECKOUT, DEFAULT_PORTS, Home
from marketplace.embedded.process import foreground
from marketplace.embedded.programs import manage
from marketplace.embedded.services import borrowed, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# The whole suite, a file to a process: a process waits for its database and its browser half of the time.
SIDE_BY_SIDE = ("-n", str(max(2, os.cpu_count() or 2)), "--dist", "loadfile")
SCHEMA = CHECKOUT / "docs" / "openapi.yaml"
# Enough for production's settings to load; the check looks at the settings, not at the servers.
PRODUCTION_EXAMPLE = {
    "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
    "SECRET_KEY": "an-example-that-is-long-and-random-enough-9f8e7d6c5b4a3210-for-the-check",
    "ALLOWED_HOSTS": "shop.example",
    "SITE_URL": "https://shop.example",
    "EMAIL_HOST": "mail.shop.example",
    "DEFAULT_FROM_EMAIL": "Shop <post@shop.example>",
    "STRIPE_SECRET_KEY": "sk_test_example",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_example",
    "STRIPE_WEBHOOK_SECRET": "whsec_example",
}


def apart(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """An environment whose services live in the home's subfolder `name` on free ports."""
    ports = dict.fromkeys(DEFAULT_PORTS, "0")
    return {**environ, **ports, "RIGHTFUL_HOME": str(Home.of(environ) / name)}


def lint(environ: Mapping[str, str]) -> int:
    """Run every static check; all of them, so that one run tells everything. Returns 0 when all pass."""
    with borrowed(apart(environ, "test"), careless=True) as env:
        failed = [name for name, command, extra in _checks() if not _passes(name, command, {**env, **extra})]
    if failed:
        say(f"lint: failed: {', '.join(failed)}")
    return 1 if failed else 0


def _checks() -> list[tuple[str, list[str], dict[str, str]]]:
    python = sys.executable
    imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    checks: list[tuple[str, list[str], dict[str, str]]] = [
        ("ruff check", [python, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."], {}),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "--output-format=concise", "."], {}),
        ("import contracts", [python, "-c", imports], {}),
        ("django check", manage("check", "--fail-level=WARNING"), {}),
        ("migrations", manage("makemigrations", "--check", "--dry-run"), {}),
        ("production settings", manage("check", "--deploy", "--fail-level=WARNING"), PRODUCTION_EXAMPLE),
    ]
    if SCHEMA.exists():
        checks.append(("API schema", [python, "-m", "marketplace.embedded", "schema-check"], {}))
    return checks


def schema_check(environ: Mapping[str, str]) -> int:
    """The committed API schema is the one that the code describes, without a warning."""
    fresh = Home.of(environ) / "openapi.yaml"
    command = manage("spectacular", "--validate", "--fail-on-warn", f"--file={fresh}")
    code = foreground(command, env=environ, cwd=CHECKOUT)
    if code != 0:
        return code
    if fresh.read_bytes() == SCHEMA.read_bytes():
        return 0
    print(f"{SCHEMA.relative_to(CHECKOUT)} is out of date: bin/manage spectacular --file docs/openapi.yaml")
    return 1


def _passes(name: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(command, env=dict(env), cwd=CHECKOUT, capture_output=True, text=True, check=False)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    say(f"lint: {name:<20} {verdict} ({time.monotonic() - began:.1f} s)")
    if done.returncode != 0:
        say((done.stdout + done.stderr).rstrip())
    return done.returncode == 0


def test(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Everything that CI runs: all checks, then all tests. With arguments: pytest alone, with these.

    The last thing printed is pytest's summary; the exit code is the first failure's.
    """
    failed = 0 if arguments else lint(environ)
    browser = find_browser() or install_browser()
    ours = {
        **apart(environ, "test"),
        "DJANGO_SETTINGS_MODULE": "marketplace.settings.test",
        "CHROMIUM": browser,
    }
    with borrowed(ours, careless=True) as env:
        code = foreground([sys.executable, "-m", "pytest", *(arguments or SIDE_BY_SIDE)], env=env, cwd=CHECKOUT)
    return code or failed


def bench(environ: Mapping[str, str], name: str, arguments: Sequence[str]) -> int:
    """Run bench/NAME.py with services and data of its own, which stay for the next run."""
    known = sorted(path.stem for path in (CHECKOUT / "bench").glob("[a-z]*.py"))
    if name not in known:
        raise EmbeddedError(f"There is no bench/{name}.py. Known: {', '.join(known) or 'none'}.")
    with borrowed(apart(environ, "bench")) as env:
        return foreground([sys.executable, "-m", f"bench.{name}", *arguments], env=env, cwd=CHECKOUT)


def find_browser() -> str | None:
    """A Chromium for the journeys: CHROMIUM, else the first one on the path."""
    named = os.environ.get("CHROMIUM")
    return named if named and Path(named).exists() else next(filter(None, map(shutil.which, BROWSERS)), None)


def install_browser() -> str:
    """Install the system's Chromium if we may; raises EmbeddedError saying what to do if we may not."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    allowed = shutil.which("apt-get") is not None and (not prefix or _may_sudo())
    if allowed:
        say("Installing Chromium from the system's packages, for the tests in a browser …")
        for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run([*prefix, "apt-get", "-q", *step], stdout=sys.stderr, check=False)
    found = find_browser()
    if found is None:
        raise EmbeddedError(
            "The tests need Chromium; none was found or could be installed. Install your system's package\n"
            "(Debian, Ubuntu: apt-get install chromium), or name one: CHROMIUM=/path/to/chromium bin/test"
        )
    return found


def _may_sudo() -> bool:
    sudo = shutil.which("sudo")
    return sudo is not None and subprocess.run([sudo, "-n", "true"], check=False).returncode == 0
