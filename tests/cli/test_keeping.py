"""Kept processes: nothing of them outlives its owner, and their exit codes are told."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cli.keeping import Kept
from tests.stack import ROOT

SPAWNER = "import subprocess, time; print(subprocess.Popen(['sleep', '300'], start_new_session=True).pid, flush=True); time.sleep(300)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(300)"


@pytest.fixture
def keep(tmp_path: Path) -> Callable[..., Kept]:
    def start(code: str, grace: float = 5.0) -> Kept:
        return Kept([sys.executable, "-c", code], pidfile=tmp_path / "pid", log=tmp_path / "log", grace=grace)

    return start


def eventually(is_true: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_true()


def first_line(log: Path) -> str:
    assert eventually(lambda: log.exists() and "\n" in log.read_text())
    return log.read_text().splitlines()[0]


def test_the_exit_code_is_the_commands(keep: Callable[..., Kept]) -> None:
    """A command's own exit code comes through."""
    assert keep("raise SystemExit(7)").wait() == 7


def test_a_death_by_signal_is_told(keep: Callable[..., Kept], tmp_path: Path) -> None:
    """SIGKILL of the command reads as 137, and a pid is no longer given."""
    kept = keep(SPAWNER)
    first_line(tmp_path / "log")
    kept.send(signal.SIGKILL)
    assert kept.wait() == 137
    assert kept.pid is None


def test_orphans_are_killed(keep: Callable[..., Kept], tmp_path: Path) -> None:
    """A grandchild in a session of its own dies when its parent is killed."""
    kept = keep(SPAWNER)
    grandchild = int(first_line(tmp_path / "log"))
    kept.send(signal.SIGKILL)
    kept.wait()
    assert not psutil.pid_exists(grandchild)


def test_who_ignores_the_stop_signal_is_killed(keep: Callable[..., Kept], tmp_path: Path) -> None:
    """After the grace period comes SIGKILL."""
    kept = keep(STUBBORN, grace=0.3)
    first_line(tmp_path / "log")
    kept.stop()
    assert kept.exit_code == 137


OWNER = """
import sys, time
from pathlib import Path
from cli.keeping import Kept
folder = Path(sys.argv[1])
kept = Kept([sys.executable, "-c", sys.argv[2]], pidfile=folder / "pid", log=folder / "log")
time.sleep(300)
"""


def test_a_child_ends_with_its_killed_owner(tmp_path: Path) -> None:
    """SIGKILL of the owner ends the child and the child's own child."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path), SPAWNER], cwd=ROOT)
    grandchild = int(first_line(tmp_path / "log"))
    child = int((tmp_path / "pid").read_text())
    owner.kill()
    owner.wait()
    assert eventually(lambda: not psutil.pid_exists(child) and not psutil.pid_exists(grandchild))
