"""`docker-compose.yml` and the Procfile start the same platform."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from cli.procfile import read_procfile
from core.settings import Settings
from tests.stack import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NAMES = {"web": "api"}  # the Procfile's name where the service has another one


def plain(command: str) -> str:
    """A command without what differs for good reason: addresses, ports and the state folder."""
    command = re.sub(r"\$\{PORT:-(\d+)\}|\$\{FLOWER_PORT:-(\d+)\}", lambda found: found[1] or found[2], command)
    return command.replace("127.0.0.1", "0.0.0.0").replace("${STATE_DIR:-.drumbeat}", "/var/lib/drumbeat")


@pytest.mark.parametrize("name", read_procfile())
def test_each_process_has_a_service_with_the_same_command(name: str) -> None:
    """What the Procfile starts, Compose starts."""
    assert SERVICES[NAMES.get(name, name)]["command"] == plain(read_procfile()[name])


def test_the_variables_are_settings() -> None:
    """Compose sets no variable that Drumbeat does not read."""
    assert {name for name in COMPOSE["x-platform"]["environment"] if name.lower() not in Settings.model_fields} == set()


def test_only_loopback_is_published() -> None:
    """No port is opened to the network by accident."""
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_nobody_starts_before_the_schema_is_there() -> None:
    """Every process of the platform waits for the migrations."""
    waiting = {
        name: service["depends_on"] for name, service in SERVICES.items() if service.get("image") == "drumbeat" and name != "migrate"
    }
    assert all(after["migrate"]["condition"] == "service_completed_successfully" for after in waiting.values())
    assert set(waiting) == {NAMES.get(name, name) for name in read_procfile()}
