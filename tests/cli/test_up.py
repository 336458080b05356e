"""The platform started as a user starts it: `up`, what it survives, `down`, `reset`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from cli import demo_measure, demo_run, measured
from cli.client import Client
from cli.exits import Exit
from cli.ports import free_port
from cli.state import State
from tests.cli.test_keeping import eventually
from tests.stack import ROOT

PASSWORD = "a long pass phrase for the tests"


def clean_environment() -> dict[str, str]:
    """Ours without the suite's own settings: the command decides by what a user has set."""
    from core.settings import Settings

    return {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}


class Platform:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = State(folder)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli.main", *words]
        environment = clean_environment() | {"STATE_DIR": str(self.folder)}
        return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=150)

    @property
    def urls(self) -> dict[str, str]:
        found: dict[str, str] = self.state.read("state.json")["urls"]
        return found

    def pid(self, name: str) -> int:
        pid: int = self.state.read("state.json")["processes"][name]["pid"]
        return pid


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Started once for this file, with the usual port of the API taken by somebody else."""
    running = Platform(tmp_path_factory.mktemp("up") / "state")
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        others = {name: free_port() for name in ("flower", "sandbox", "site")}  # other platforms may run beside this one
        running.state.write("ports.json", {"web": taken, **others})
        done = running.run("up", "--detach", "-o", "json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["api"] != f"http://127.0.0.1:{taken}"
        yield running
        assert running.run("down").returncode == 0
        left = [p for p in psutil.process_iter() if _belongs(p, running.folder)]
        assert not left, f"left behind: {left}"


def _belongs(process: psutil.Process, folder: Path) -> bool:
    try:
        return any(str(folder) in word for word in process.cmdline())
    except psutil.Error:
        return False


def test_a_taken_port_is_told(platform: Platform) -> None:
    """The log of `up` says which port was taken and which one is used."""
    assert "is taken; web is on" in (platform.state.logs / "up.log").read_text()


def test_the_pages_answer(platform: Platform) -> None:
    """API and docs are there."""
    assert requests.get(f"{platform.urls['api']}/livez", timeout=10).ok
    assert requests.get(platform.urls["docs"], timeout=10).ok


@pytest.mark.parametrize("page", ["/", "/workers", "/tasks", "/metrics", "/api/workers"])
def test_flower_asks_for_a_login(platform: Platform, page: str) -> None:
    """No page of Flower answers without its password, and the generated one opens it."""
    url = platform.urls["flower"] + page
    assert eventually(lambda: _status(url) == 401, 30)
    user, password = platform.state.secrets()["FLOWER_BASIC_AUTH"].split(":")
    assert requests.get(url, auth=(user, password), timeout=10).status_code == 200


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=10).status_code
    except requests.RequestException:
        return 0


def test_the_past_is_measured_and_held_against_its_truth(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    """What the demo measures comes near what the sandbox knows: shares, returns with their intervals, the better form."""
    client = Client(platform.state, url=platform.urls["api"])
    demo_run.log_in(client, platform.state)
    found = demo_measure.measure(client, platform.urls["sandbox"])
    assert {round(sum(shares.values()), 6) for shares in found["attribution"]["models"].values()} == {1.0}
    assert sum(one["low"] <= one["truth"] <= one["high"] for one in found["mix"]["roas"].values()) >= 3
    assert (found["experiment"]["verdict"], found["experiment"]["variant"]) == ("winner", "short")
    measured.show(found)
    assert "short is better than the control" in capsys.readouterr().out


def test_secrets_are_for_their_owner_only(platform: Platform) -> None:
    """Files with secrets, and the folder, are closed to other users."""
    assert {path.stat().st_mode & 0o077 for path in (platform.folder, *platform.folder.glob("*.json"))} == {0}


def test_a_second_up_is_refused(platform: Platform) -> None:
    """One folder runs one platform; the message says what to do."""
    done = platform.run("up")
    assert done.returncode == Exit.REFUSED
    assert "running already" in done.stderr
    assert "hint: Use that one" in done.stderr


def test_a_killed_process_comes_back(platform: Platform) -> None:
    """SIGKILL of beat starts another one."""
    before = platform.pid("beat")
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: platform.pid("beat") not in (None, before), 30)


def test_killed_services_come_back_with_their_data(platform: Platform) -> None:
    """SIGKILL of Postgres and Redis: both are there again, and the API is ready without a restart."""
    for name in ("postgres", "redis"):
        os.kill(int((platform.folder / name / "pid").read_text()), signal.SIGKILL)
    ready = f"{platform.urls['api']}/readyz"
    assert eventually(lambda: "Redis ended; starting it again" in (platform.state.logs / "up.log").read_text(), 30)
    assert eventually(lambda: _status(ready) == 200, 60)


def test_doctor_finds_a_running_platform_well(platform: Platform) -> None:
    """Services, pools and Flower are all found without a setting in the environment."""

    def findings() -> dict[str, Any]:
        return {f["name"]: f for f in json.loads(platform.run("doctor", "--json").stdout)}

    assert eventually(lambda: {f["state"] for f in findings().values()} <= {"ok", "warning"}, 60), findings()
    assert {"postgres", "schema", "tenancy", "redis", "api", "pool io", "pool cpu", "pool gpu", "flower"} <= set(findings())


def test_jobs_from_the_shell(platform: Platform) -> None:
    """After a login, jobs are listed; an unknown kind is refused with its hint and exit code 6."""
    account = {"email": "shell@example.com", "password": PASSWORD}
    assert requests.post(f"{platform.urls['api']}/v1/auth/register", json=account, timeout=30).status_code == 201
    login = platform.run("login", "--email", account["email"], "--password", PASSWORD)
    assert login.returncode == 0, login.stderr
    listed = platform.run("jobs", "list", "-o", "json")
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
    refused = platform.run("jobs", "submit", "no.such.kind")
    assert refused.returncode == Exit.REFUSED
    assert refused.stderr.startswith("error: ")
    assert refused.stdout == ""


def test_a_job_is_followed_to_its_end(platform: Platform) -> None:
    """`submit --watch` tells each step on stderr and prints the final job on stdout; an expired login is refreshed."""
    session = platform.state.read("session.json")
    platform.state.write("session.json", {**session, "access_token": session["access_token"][:-4] + "AAAA"})
    params = json.dumps({"url": platform.urls["site"], "limit": 1})
    done = platform.run("jobs", "submit", "site.crawl", "-p", params, "--watch", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "succeeded"
    assert "job.succeeded" in done.stderr
    assert platform.state.read("session.json")["access_token"] != session["access_token"]


def test_a_failed_job_is_exit_code_4(platform: Platform) -> None:
    """A job that fails says why, and the command's exit code tells it."""
    params = json.dumps({"url": "http://no-such-host.invalid/"})
    done = platform.run("jobs", "submit", "site.crawl", "-p", params, "--watch")
    assert done.returncode == Exit.JOB_FAILED
    assert "error\t" in done.stdout


def test_broken_params_are_a_usage_error(platform: Platform) -> None:
    """Params that are no JSON are told before anything is sent."""
    done = platform.run("jobs", "submit", "campaign.run", "-p", "{broken")
    assert done.returncode == Exit.USAGE
    assert "not JSON" in done.stderr


def test_nothing_there_is_unreachable() -> None:
    """A platform that does not answer is exit code 3, with a hint."""
    command = [sys.executable, "-m", "cli.main", "jobs", "--url", "http://127.0.0.1:9", "--token", "x", "list"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == Exit.UNREACHABLE
    assert "hint: Start it with ./drumbeat up" in done.stderr


def test_reset_refuses_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    """A folder without our files is left alone."""
    (tmp_path / "precious.txt").write_text("mine")
    done = Platform(tmp_path).run("reset", "--yes")
    assert done.returncode == Exit.REFUSED
    assert (tmp_path / "precious.txt").exists()


def test_reset_removes_what_up_made(tmp_path: Path) -> None:
    """The state folder is gone after a reset."""
    folder = tmp_path / "state"
    State(folder).secrets()
    assert Platform(folder).run("reset", "--yes").returncode == 0
    assert not folder.exists()


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    """`up` with two broken variables names both and exits with 5."""
    environment = clean_environment() | {"STATE_DIR": str(tmp_path), "LOG_LEVEL": "LOUD", "RATE_LIMIT_WINDOW": "never"}
    command = [sys.executable, "-m", "cli.main", "up"]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == Exit.NOT_CONFIGURED
    assert "LOG_LEVEL" in done.stderr
    assert "RATE_LIMIT_WINDOW" in done.stderr


@pytest.mark.parametrize(
    ("name", "url"), [("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"), ("REDIS_URL", "redis://127.0.0.1:1/0")]
)
def test_a_service_that_is_away_is_told_at_once(tmp_path: Path, name: str, url: str) -> None:
    """A database or broker of the user's own that does not answer ends `up` with 3, naming its variable."""
    environment = clean_environment() | {"STATE_DIR": str(tmp_path), name: url}
    command = [sys.executable, "-m", "cli.main", "up"]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == Exit.UNREACHABLE
    assert name in done.stderr


def test_production_refuses_the_sandbox(tmp_path: Path) -> None:
    """`demo` in production is refused before anything starts."""
    environment = clean_environment() | {"STATE_DIR": str(tmp_path), "ENVIRONMENT": "production"}
    command = [sys.executable, "-m", "cli.main", "demo"]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == Exit.NOT_CONFIGURED
    assert "sandbox is refused in production" in done.stderr
