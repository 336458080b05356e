"""The supervisor: restarts with back-off, stops in order."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from cli.procfile import read_procfile
from cli.supervisor import STOP_ORDER, Supervised, Supervisor


def supervised(name: str, command: str, logs: Path) -> Supervised:
    return Supervised(name, command, logs, {"GREETING": "hello"}, grace=2)


def tend_until(supervisor: Supervisor, is_true: object, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_true() and time.monotonic() < deadline:  # type: ignore[operator]
        supervisor.tend()
        time.sleep(0.05)


def test_who_ends_is_started_again_ever_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A process that fails comes back, with a delay that doubles, and the log is named."""
    process = supervised("web", "sh -c 'exit 3'", tmp_path)
    supervisor = Supervisor([process])
    tend_until(supervisor, lambda: process.starts == 3)
    supervisor.stop()
    told = capsys.readouterr().err
    assert "web ended with code 3; again in 0.5 s" in told
    assert "again in 1.0 s" in told
    assert str(process.log) in told


def test_processes_get_their_environment_and_the_venvs_programs(tmp_path: Path) -> None:
    """A command line sees the variables it was given, and finds the programs beside this Python."""
    process = supervised(
        "web", "python -c \"import os, sys; print(os.environ['GREETING'], sys.prefix, flush=True); import time; time.sleep(60)\"", tmp_path
    )
    supervisor = Supervisor([process])
    tend_until(supervisor, lambda: process.log.exists() and "\n" in process.log.read_text())
    supervisor.stop()
    assert process.log.read_text().split() == ["hello", sys.prefix]


def test_stop_goes_from_those_who_answer_to_those_who_work(tmp_path: Path) -> None:
    """The API's process ends before the workers do."""
    trap = "sh -c 'trap \"date +%s%N; exit 0\" TERM; echo up; while :; do sleep 0.05; done'"
    processes = [supervised(name, trap, tmp_path) for name in ("worker-io", "web")]
    supervisor = Supervisor(processes)
    tend_until(supervisor, lambda: all(p.log.exists() and "up" in p.log.read_text() for p in processes))
    supervisor.stop()
    ended = {p.name: int(p.log.read_text().split()[-1]) for p in processes}
    assert ended["web"] < ended["worker-io"]


def test_the_stop_order_knows_the_procfile() -> None:
    """Every process of the Procfile has its place in the order."""
    assert set(read_procfile()) <= {name for group in STOP_ORDER for name in group}
