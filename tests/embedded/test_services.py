"""Database and broker as commands use them: started by the first, borrowed by the next, as they were after."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from marketplace.embedded import services as services_module
from marketplace.embedded.errors import HomeNotOurs
from marketplace.embedded.home import DEFAULT_PORTS, Home, Lock
from marketplace.embedded.postgres import MAJOR, PARAMETERS
from marketplace.embedded.services import borrowed

FREE_PORTS = dict.fromkeys(DEFAULT_PORTS, "0")


def one(url: str, statement: str) -> object:
    with closing(psycopg2.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with a home in a path with spaces and nothing decided."""
    return {**FREE_PORTS, "RIGHTFUL_HOME": str(tmp_path_factory.mktemp("some data"))}


@pytest.fixture(scope="module")
def env(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    with borrowed(environ) as ours:
        yield ours


def test_database_is_the_version_and_has_the_parameters_that_we_say(env: Mapping[str, str]) -> None:
    url = env["DATABASE_URL"]
    shown = {name: one(url, f"SHOW {name}") for name in PARAMETERS}
    assert int(str(one(url, "SHOW server_version_num"))) // 10000 == MAJOR
    assert {name: str(value).lower() for name, value in shown.items()} == {
        **{name: value.lower() for name, value in PARAMETERS.items()},
        "wal_compression": "pglz",
    }
    assert one(url, "SHOW fsync") == "on"


def test_application_is_no_superuser_and_needs_its_password(env: Mapping[str, str]) -> None:
    url = env["DATABASE_URL"]
    assert one(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert one(url, "SHOW password_encryption") == "scram-sha-256"
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url, password="wrong")


def test_servers_listen_on_loopback_only(env: Mapping[str, str]) -> None:
    assert one(env["DATABASE_URL"], "SHOW listen_addresses") == "127.0.0.1"
    assert redis.Redis.from_url(env["REDIS_URL"]).config_get("bind") == {"bind": "127.0.0.1"}


def test_broker_needs_its_password_writes_a_log_and_refuses_rather_than_forgets(
    env: Mapping[str, str],
) -> None:
    broker = redis.Redis.from_url(env["REDIS_URL"])
    settings = broker.config_get("appendonly") | broker.config_get("maxmemory-policy")
    assert settings == {"appendonly": "yes", "maxmemory-policy": "noeviction"}
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(re.sub(":[^:@]+@", ":wrong@", env["REDIS_URL"])).ping()


def test_password_is_not_in_the_list_of_processes(env: Mapping[str, str], environ: Mapping[str, str]) -> None:
    secrets = Home.of(environ).secrets()
    commands = b"".join(_command(process) for process in Path("/proc").glob("[0-9]*"))
    assert [
        word for word in (secrets.admin, secrets.postgres, secrets.valkey) if word.encode() in commands
    ] == []


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_files_with_secrets_are_for_their_owner_only(
    env: Mapping[str, str], environ: Mapping[str, str]
) -> None:
    home = Home.of(environ)
    modes = {name: stat.S_IMODE((home / name).stat().st_mode) for name in ("secrets.json", "owner.json")}
    assert modes == {"secrets.json": 0o600, "owner.json": 0o600}


def test_second_command_borrows_what_the_first_has_started(
    env: Mapping[str, str], environ: Mapping[str, str]
) -> None:
    started = one(env["DATABASE_URL"], "SELECT pg_postmaster_start_time()::text")
    with borrowed(environ) as other:
        assert other["DATABASE_URL"] == env["DATABASE_URL"]
    assert one(env["DATABASE_URL"], "SELECT pg_postmaster_start_time()::text") == started


def test_real_servers_of_the_environment_take_the_place_of_ours(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgres://db.example/shop", "REDIS_URL": "redis://broker.example"}
    environ = {**FREE_PORTS, **given, "RIGHTFUL_HOME": str(tmp_path)}
    with borrowed(environ) as env:
        chosen = {name: env[name] for name in given}
    assert (chosen, (tmp_path / "postgres").exists(), (tmp_path / "valkey").exists()) == (given, False, False)


def test_environment_that_names_everything_leaves_the_home_alone(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgres://db.example/shop",
        "REDIS_URL": "redis://b.example",
        "SECRET_KEY": "x" * 50,
    }
    environ = {**given, "RIGHTFUL_HOME": str(tmp_path / "read-only")}
    with borrowed(environ) as env:
        assert dict(env) == environ
    assert not (tmp_path / "read-only").exists()


def test_home_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(HomeNotOurs) as refusal:
        Home(tmp_path).prepare()
    assert refusal.value.path == str(tmp_path)


def test_lock_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "a.lock"), Lock(tmp_path / "a.lock")
    taken = [first.take(), second.take()]
    first.close()
    assert [*taken, second.take()] == [True, False, True]


def test_services_that_fail_to_start_leave_none_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    class Broken(RuntimeError):
        pass

    def fail(self: services_module.Valkey) -> None:
        started.append(services.postgres.name)
        assert services.postgres.process is not None
        raise Broken

    monkeypatch.setattr(services_module.Valkey, "start", fail)
    services = services_module.Services(
        Home(tmp_path).prepare(), {**FREE_PORTS, "RIGHTFUL_HOME": str(tmp_path)}, careless=True
    )
    with pytest.raises(Broken):
        services.start()
    assert (started, services.postgres.process) == (["postgres"], None)
