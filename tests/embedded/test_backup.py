"""A backup is restored to exactly what it saved, or not at all."""

import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from marketplace.embedded.backup import back_up, restore
from marketplace.embedded.errors import BackupRefused
from marketplace.embedded.home import DEFAULT_PORTS
from marketplace.embedded.services import borrowed

TABLES = """
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, total_minor bigint);
    CREATE INDEX ON orders USING gin (note gin_trgm_ops);
    CREATE TABLE parcels (id int PRIMARY KEY, order_id bigint REFERENCES orders, at timestamptz);
    INSERT INTO orders (note, total_minor) SELECT 'Grüße 你好 ' || n, n * 199 FROM generate_series(1, 5000) n;
    INSERT INTO parcels SELECT n, n, '2026-03-29 01:30Z'::timestamptz + n * interval '1 minute'
      FROM generate_series(1, 1000) n;
"""


def run(env: Mapping[str, str], statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(env["DATABASE_URL"])) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def contents(env: Mapping[str, str]) -> tuple[object, ...]:
    """Every row of every table, and every file."""
    home = Path(env["RIGHTFUL_HOME"])
    paths = [path for name in ("media", "private") for path in (home / name).rglob("*") if path.is_file()]
    files = {path.relative_to(home).as_posix(): path.read_bytes() for path in paths}
    return run(env, "SELECT * FROM orders ORDER BY id"), run(env, "SELECT * FROM parcels ORDER BY id"), files


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    environ = {
        **dict.fromkeys(DEFAULT_PORTS, "0"),
        "RIGHTFUL_HOME": str(tmp_path_factory.mktemp("to be saved")),
    }
    with borrowed(environ, careless=True) as ours:
        run(ours, TABLES)
        yield ours


@pytest.fixture(scope="module")
def saved(env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the tables and of two files, a public and a private one; the module's tests start from what it holds."""
    media = Path(env["RIGHTFUL_HOME"]) / "media"
    (media / "listings").mkdir()
    (media / "listings" / "blue mug.webp").write_bytes(bytes(range(256)) * 40)
    private = media.parent / "private" / "contracts"
    private.mkdir(parents=True)
    (private / "contract.pdf").write_bytes(b"%PDF-1.7")
    target = tmp_path_factory.mktemp("backups") / "shop.tar"
    back_up(env, target)
    return target


def test_restore_brings_back_every_row_and_every_file(env: Mapping[str, str], saved: Path) -> None:
    before = contents(env)
    run(env, "DROP TABLE parcels; DELETE FROM orders WHERE id % 2 = 0; UPDATE orders SET note = 'x'")
    shutil.rmtree(Path(env["RIGHTFUL_HOME"]) / "media" / "listings")
    shutil.rmtree(Path(env["RIGHTFUL_HOME"]) / "private")
    manifest = restore(env, saved)
    assert contents(env) == before
    assert {name: rows for name, (rows, _) in manifest["tables"].items()} == {
        "public.orders": 5000,
        "public.parcels": 1000,
    }


def test_identities_and_indexes_go_on_after_a_restore(env: Mapping[str, str], saved: Path) -> None:
    restore(env, saved)
    added = run(env, "INSERT INTO orders (note, total_minor) VALUES ('next', 1) RETURNING id")
    indexes = run(env, "SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'")
    restore(env, saved)
    assert (added, indexes) == ([(5001,)], [(2,)])


def damaged(saved: Path, target: Path, *, name: str, change: bytes) -> Path:
    """The archive with one member's first bytes changed."""
    with tarfile.open(saved) as archive:
        offset = archive.getmember(name).offset_data
    content = bytearray(saved.read_bytes())
    content[offset : offset + len(change)] = change
    target.write_bytes(content)
    return target


@pytest.mark.parametrize("name", ["database.dump", "private/contracts/contract.pdf", "manifest.json"])
def test_damaged_backup_is_refused_and_nothing_changes(
    env: Mapping[str, str], saved: Path, tmp_path: Path, name: str
) -> None:
    before = contents(env)
    with pytest.raises(BackupRefused, match="Nothing was changed"):
        restore(env, damaged(saved, tmp_path / "damaged.tar", name=name, change=b"\0\1\2"))
    assert contents(env) == before


def test_truncated_backup_is_refused(env: Mapping[str, str], saved: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.tar"
    half.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    with pytest.raises(BackupRefused, match="not a complete backup"):
        restore(env, half)


def test_backup_whose_rows_differ_from_its_manifest_is_refused(
    env: Mapping[str, str], saved: Path, tmp_path: Path
) -> None:
    before = contents(env)
    lying = rewritten(
        saved, tmp_path / "lying.tar", lambda manifest: manifest["tables"]["public.orders"].reverse()
    )
    with pytest.raises(BackupRefused, match=r"public\.orders"):
        restore(env, lying)
    assert (contents(env), run(env, "SELECT datname FROM pg_database WHERE datname LIKE '%_restoring'")) == (
        before,
        [],
    )


def test_backup_that_points_outside_of_itself_is_refused(
    env: Mapping[str, str], saved: Path, tmp_path: Path
) -> None:
    def reach_out(manifest: dict[str, dict[str, object]]) -> None:
        manifest["files"]["media/../../../escaped"] = "0" * 64

    with pytest.raises(BackupRefused, match="outside"):
        restore(env, rewritten(saved, tmp_path / "reaching.tar", reach_out))


def rewritten(saved: Path, target: Path, change: object) -> Path:
    """The archive with a changed manifest."""
    folder = target.with_suffix("")
    with tarfile.open(saved) as archive:
        archive.extractall(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)  # type: ignore[operator]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, path.relative_to(folder).as_posix(), recursive=False)
    return target


def test_database_in_use_is_not_replaced(env: Mapping[str, str], saved: Path) -> None:
    before = contents(env)
    with closing(psycopg2.connect(env["DATABASE_URL"])), pytest.raises(BackupRefused, match="is in use"):
        restore(env, saved)
    assert contents(env) == before


def test_backup_is_for_its_owner_only(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
