"""`python -m marketplace.embedded COMMAND`: what the scripts in bin/ call."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from marketplace.embedded import checks
from marketplace.embedded.backup import back_up, restore
from marketplace.embedded.errors import AlreadyRunning, EmbeddedError
from marketplace.embedded.health import is_healthy
from marketplace.embedded.home import CHECKOUT, Home
from marketplace.embedded.mail import serve
from marketplace.embedded.preparation import forget_pending_demo
from marketplace.embedded.process import foreground
from marketplace.embedded.programs import manage
from marketplace.embedded.services import Ownership, borrowed, is_complete
from marketplace.embedded.up import agreed, reset, up

Command = Callable[[Mapping[str, str], Sequence[str]], int]


def _up(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/up", description="Run the whole product on this machine.")
    parser.add_argument("--no-demo", action="store_true", help="an empty shop (also RIGHTFUL_DEMO=0)")
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="say everything that the programs say (also RIGHTFUL_VERBOSE=1)",
    )
    options = parser.parse_args(arguments)
    chosen = {"RIGHTFUL_DEMO": "0"} if options.no_demo else {}
    chosen |= {"RIGHTFUL_VERBOSE": "1"} if options.verbose else {}
    return up({**environ, **chosen})


def _reset(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/reset", description="Delete all data, load the demo afresh.")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return reset(environ, sure=parser.parse_args(arguments).yes)


def _manage(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    with borrowed(environ) as env:
        return foreground(manage(*arguments), env=env, cwd=os.getcwd())


def _test(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    return checks.test(environ, arguments)


def _lint(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="bin/lint", description="Run every static check.").parse_args(arguments)
    return checks.lint(environ)


def _schema_check(environ: Mapping[str, str], _arguments: Sequence[str]) -> int:
    return checks.schema_check(environ)


def _bench(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measure: runs bench/NAME.py.")
    parser.add_argument("name")
    options, rest = parser.parse_known_args(arguments)
    return checks.bench(environ, options.name, rest)


def _backup(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    default = Home.of(environ) / "backups" / f"rightful-{stamp}.tar"
    parser = argparse.ArgumentParser(prog="bin/backup", description="Save database and files in one archive.")
    parser.add_argument("file", nargs="?", type=Path, default=default)
    target = parser.parse_args(arguments).file.absolute()
    with borrowed(environ) as env:
        manifest = back_up(env, target)
    print(f"{target}: {_summary(manifest)}")
    return 0


def _restore(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/restore", description="Put a backup in the present data's place."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    if not (options.yes or agreed("This replaces all orders, accounts and files.")):
        print("Nothing was changed.")
        return 1
    if not is_complete(environ):
        _refuse_beside_up(environ)
    with borrowed(environ) as env:
        manifest = restore(env, options.file.absolute())
    forget_pending_demo(Home.of(environ))
    print(f"Restored {options.file}: {_summary(manifest)}, each table compared with the backup.")
    return 0


def _refuse_beside_up(environ: Mapping[str, str]) -> None:
    """A running shop's connections would keep the database from being replaced; say so before unpacking."""
    lock = Ownership(Home.of(environ).prepare()).owner
    holder = {} if lock.take() else lock.noted()
    lock.close()
    if holder.get("role") == "up":
        raise AlreadyRunning(pid=int(str(holder["pid"])), address=str(holder["address"]))


def _summary(manifest: Mapping[str, Mapping[str, list[int]]]) -> str:
    tables = manifest["tables"]
    rows = sum(count for count, _ in tables.values())
    return f"{len(tables)} tables, {rows} rows, {len(manifest['files']) - 1} files"


def _health(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="health", description="Exit with 0 if the web server is well.")
    parser.add_argument("--port", type=int, default=8000)
    return 0 if is_healthy(environ, parser.parse_args(arguments).port) else 1


def _mail(_environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="mail", description="Catch mail: keep each message as a file.")
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1025)
    parser.add_argument("--folder", type=Path, default=CHECKOUT / ".rightful" / "mail")
    options = parser.parse_args(arguments)
    asyncio.run(serve(options.folder, options.bind, options.port))
    return 0


def _translations(_environ: Mapping[str, str], _arguments: Sequence[str]) -> int:
    from marketplace.embedded.translations import compile_stale  # here, for Babel is slow to import

    return min(compile_stale(CHECKOUT), 1)


COMMANDS: dict[str, Command] = {
    "up": _up,
    "reset": _reset,
    "manage": _manage,
    "test": _test,
    "lint": _lint,
    "schema-check": _schema_check,
    "bench": _bench,
    "backup": _backup,
    "restore": _restore,
    "health": _health,
    "mail": _mail,
    "translations": _translations,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; an error of ours is one message, not a traceback."""
    if not arguments or arguments[0] not in COMMANDS:
        print(f"usage: python -m marketplace.embedded {{{','.join(COMMANDS)}}} …", file=sys.stderr)
        return 2
    try:
        return COMMANDS[arguments[0]](os.environ, arguments[1:])
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
