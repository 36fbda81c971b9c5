"""`bin/backup` and `bin/restore`: database and files in one archive that proves itself.

The archive (tar) holds `database.dump` (pg_dump's custom format), `media/…`, `private/…` and `manifest.json`: SHA-256 of
every file, and for every table its rows and a checksum of their contents, taken in the very snapshot that was
dumped. A restore goes into a new database beside the present one, is compared with the manifest, and only
then takes its place; until that moment nothing that exists is touched.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import parse_dsn

from marketplace.embedded.errors import BackupRefused, EmbeddedError
from marketplace.embedded.postgres import client

FORMAT = 1
_CLIENT_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_CHECKSUM = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY {} t")
Manifest = dict[str, Any]


def file_folders(env: Mapping[str, str]) -> dict[str, Path]:
    """Where the application keeps files, by the name each folder has in the archive: public ones, private ones."""
    media = Path(env.get("MEDIA_ROOT") or Path(env["RIGHTFUL_HOME"]) / "media")
    return {"media": media, "private": media.parent / "private"}  # as marketplace.kernel.files has it


def back_up(env: Mapping[str, str], target: Path) -> Manifest:
    """Write the archive to `target`, completely or not at all; returns its manifest."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / "database.dump"
        tables = _dump(env, dump)
        # Files after the database: every file that a row names is there; a newer one is merely unused.
        files = [found for name, path in file_folders(env).items() for found in _files(name, path)]
        manifest: Manifest = {
            "format": FORMAT,
            "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "tables": tables,
            "files": {"database.dump": digest(dump)} | {name: digest(path) for name, path in files},
        }
        _write_archive(draft, manifest, dump, files)
    draft.chmod(0o600)  # it holds personal data
    draft.rename(target)
    return manifest


def _dump(env: Mapping[str, str], target: Path) -> dict[str, list[int]]:
    """Dump one snapshot and return rows and checksum of each of its tables."""
    with closing(psycopg2.connect(env["DATABASE_URL"])) as connection:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = (cursor.fetchone() or ("",))[0]
            _run_client(env, "pg_dump", f"--snapshot={snapshot}", "--format=custom", f"--file={target}")
            return _checksums(cursor)


def _checksums(cursor: "psycopg2.extensions.cursor") -> dict[str, list[int]]:
    """Rows and an order-independent checksum of the contents, per table of ours."""
    cursor.execute("SET LOCAL timezone = 'UTC'; SET LOCAL statement_timeout = 0")
    cursor.execute(
        "SELECT schemaname, relname FROM pg_stat_user_tables WHERE schemaname !~ '^pg_' ORDER BY 1, 2"
    )
    sums: dict[str, list[int]] = {}
    for schema, table in cursor.fetchall():
        cursor.execute(_CHECKSUM.format(sql.Identifier(schema, table)))
        row = cursor.fetchone() or (0, 0)
        sums[f"{schema}.{table}"] = [int(row[0]), int(row[1])]
    return sums


def _files(name: str, folder: Path) -> list[tuple[str, Path]]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [(f"{name}/{path.relative_to(folder).as_posix()}", path) for path in paths]


def digest(path: Path) -> str:
    """SHA-256 of a file's contents, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_archive(target: Path, manifest: Manifest, dump: Path, files: list[tuple[str, Path]]) -> None:
    content = json.dumps(manifest, indent=1, sort_keys=True).encode()
    with tarfile.open(target, "w") as archive:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        archive.add(dump, "database.dump")
        for name, path in files:
            archive.add(path, name, recursive=False)


def restore(env: Mapping[str, str], source: Path) -> Manifest:
    """Put the archive in the place of the present database and files.

    Raises BackupRefused and changes nothing when the archive is damaged or does not restore to what it says.
    """
    folders = file_folders(env)
    with tempfile.TemporaryDirectory(dir=folders["media"].parent) as folder:
        unpacked = Path(folder)
        manifest = _unpack(source, unpacked)
        with _restored_beside(env, unpacked / "database.dump", manifest) as fresh:
            _take_place(env, fresh)
        for name, present in folders.items():
            _swap_folders(unpacked / name, present)
    _forget_cached(env["REDIS_URL"])
    return manifest


def _forget_cached(url: str) -> None:
    """Empty the cache: what it holds speaks of the data before."""
    import redis  # here, for it is slow to import and every script of bin/ would wait for it

    redis.Redis.from_url(url).flushdb()


def _unpack(source: Path, folder: Path) -> Manifest:
    """Unpack exactly the files that the manifest lists, each with the checksum that it lists."""
    try:
        with tarfile.open(source) as archive:
            manifest = _read_manifest(archive)
            for name, expected in manifest["files"].items():
                _extract(archive, name, folder, expected)
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise BackupRefused(f"{source} is not a complete backup: {error}. Nothing was changed.") from error
    for name in ("media", "private"):
        (folder / name).mkdir(exist_ok=True)
    return manifest


def _read_manifest(archive: tarfile.TarFile) -> Manifest:
    content = archive.extractfile("manifest.json")
    if content is None:
        raise ValueError("no manifest")
    manifest: Manifest = json.load(content)
    if manifest.get("format") != FORMAT:
        raise ValueError(f"format {manifest.get('format')!r} is not {FORMAT}")
    return manifest


def _extract(archive: tarfile.TarFile, name: str, folder: Path, expected: str) -> None:
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise ValueError(f"{name} points outside of the archive")
    content = archive.extractfile(name)
    if content is None:
        raise ValueError(f"{name} is no file")
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as file:
        shutil.copyfileobj(content, file)
    if digest(target) != expected:
        raise ValueError(f"{name} is damaged")


@contextmanager
def _restored_beside(env: Mapping[str, str], dump: Path, manifest: Manifest) -> Iterator[str]:
    """The dump in a new database of its own, compared with the manifest; dropped again if anything fails."""
    fresh = f"{_database(env)}_restoring"
    _administer(env, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
    _administer(env, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
    try:
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run_client(env, "pg_restore", *options, f"--dbname={fresh}", str(dump))
        _compare(env, fresh, manifest)
        yield fresh
    finally:
        _administer(env, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))


def _compare(env: Mapping[str, str], database: str, manifest: Manifest) -> None:
    with closing(psycopg2.connect(env["DATABASE_URL"], dbname=database)) as connection:
        found = _checksums(connection.cursor())
    expected = manifest["tables"]
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise BackupRefused(f"Tables differ from the backup: {', '.join(wrong)}. Nothing was changed.")


def _take_place(env: Mapping[str, str], fresh: str) -> None:
    """Rename both databases in one transaction, then drop the old one."""
    present = _database(env)
    old = f"{present}_replaced"
    _administer(env, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}; ALTER DATABASE {} RENAME TO {}")
    names = map(sql.Identifier, (present, old, fresh, present))
    try:
        with closing(psycopg2.connect(env["DATABASE_URL"], dbname="postgres")) as connection, connection:
            connection.cursor().execute(rename.format(*names))
    except psycopg2.errors.ObjectInUse as error:
        raise BackupRefused(
            f"Database {present} is in use. Stop all web servers, workers and poolers. Nothing was changed."
        ) from error
    _administer(env, sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))


def _administer(env: Mapping[str, str], statement: sql.Composable) -> None:
    with closing(psycopg2.connect(env["DATABASE_URL"], dbname="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _swap_folders(fresh: Path, present: Path) -> None:
    old = present.with_name(present.name + ".replaced")
    shutil.rmtree(old, ignore_errors=True)
    if present.exists():
        present.rename(old)
    fresh.rename(present)
    shutil.rmtree(old, ignore_errors=True)


def _database(env: Mapping[str, str]) -> str:
    return str(parse_dsn(env["DATABASE_URL"])["dbname"])


def _run_client(env: Mapping[str, str], name: str, *options: str) -> None:
    """Run a client program; its password travels in the environment, which the list of processes hides."""
    parts = parse_dsn(env["DATABASE_URL"])
    access = {_CLIENT_VARIABLES[key]: str(value) for key, value in parts.items() if key in _CLIENT_VARIABLES}
    if name == "pg_dump":
        access["PGDATABASE"] = str(parts["dbname"])
    done = subprocess.run(
        [client(name), *options], env={**os.environ, **access}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{name} failed:\n{done.stderr.strip()}")
