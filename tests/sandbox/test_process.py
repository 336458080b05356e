"""The sandbox as a process: production, the printed environment, restarts."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import requests

from core.settings import Settings
from sandbox.env import environment, firecrawl_environment, removebg_environment
from tests.stack import ROOT, SandboxProcess


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "sandbox", *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_production_refuses_the_sandbox(tmp_path: Path) -> None:
    """It ends at once and says why."""
    ended = run("--environment", "production", "--state-dir", str(tmp_path))
    assert ended.returncode == 1
    assert "refused in production" in ended.stderr


def test_the_printed_environment_points_at_the_ports() -> None:
    """One NAME=value a line on stdout, and nothing is started."""
    ended = run("--print-env", "--port", "9123", "--site-port", "9124")
    assert "SANDBOX_URL=http://127.0.0.1:9123" in ended.stdout.splitlines()
    assert "FETCH_ALLOW_HOSTS=127.0.0.1:9124" in ended.stdout.splitlines()


def test_every_variable_is_a_setting() -> None:
    """No variable is printed that the platform would not read."""
    names = {**environment("http://a", "http://b"), **firecrawl_environment("http://a"), **removebg_environment("http://a")}
    assert {name.lower() for name in names} <= set(Settings.model_fields)


def test_effects_and_faults_survive_a_kill(tmp_path: Path) -> None:
    """A killed sandbox, started again on the same folder, knows what it did."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--site-port", "0", "--state-dir", str(tmp_path)]
    for round_number in (1, 2):
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr
                url = process.stderr.readline().split()[3]
                requests.post(f"{url}/counter/effects", json={"key": str(round_number)}, timeout=10)
                keys = [effect["key"] for effect in requests.get(f"{url}/_sandbox/ledger", timeout=10).json()]
            finally:
                process.send_signal(signal.SIGKILL)
        assert keys == ["1", "2"][:round_number]


def test_unknown_routes_answer_in_the_vendors_shape(sandbox: SandboxProcess) -> None:
    """A typing error in a path does not look like another vendor."""
    assert "title" in requests.get(f"{sandbox.url}/x/2/nothing/here", timeout=10).json()
    assert requests.get(f"{sandbox.url}/firecrawl/v2/nothing", timeout=10).json()["success"] is False
