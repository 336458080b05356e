"""Programs that a step runs."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import Cancelled, StepFailed
from tests.worker.jobs import until
from worker.processes import end_group, run


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def test_lines_arrive_as_they_are_written() -> None:
    """Every line goes to `on_line`, without its end."""
    lines: list[str] = []
    run(python("print('one'); print('two')"), on_line=lines.append, check=lambda: None, groups=set())
    assert lines == ["one", "two"]


def test_a_program_that_fails_says_its_last_words() -> None:
    """The error names the program, its exit code and what it printed last."""
    with pytest.raises(StepFailed, match=r"ended with 3: .*out of colour"):
        run(python("import sys; print('out of colour', file=sys.stderr); sys.exit(3)"), on_line=None, check=lambda: None, groups=set())


def test_a_check_that_raises_ends_the_whole_group(tmp_path: Path) -> None:
    """A cancel ends the program and what it started, also one that does not listen to SIGTERM."""
    deaf = "import signal,time,os,pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    inner = f"{deaf}; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid())); time.sleep(60)"
    outer = f"import subprocess,sys; subprocess.run([sys.executable, '-c', {inner!r}])"

    def check() -> None:
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            raise Cancelled

    with pytest.raises(Cancelled):
        run(python(outer), on_line=None, check=check, groups=set())
    grandchild = int((tmp_path / "pid").read_text())
    until(lambda: not Path(f"/proc/{grandchild}/cmdline").exists() or not Path(f"/proc/{grandchild}/cmdline").read_bytes(), seconds=3)


def test_a_group_can_be_ended_from_another_thread() -> None:
    """The heartbeat ends a running program through the registered group; the step then learns why from its check."""
    groups: set[int] = set()
    stopped = threading.Event()

    def check() -> None:
        if stopped.is_set():
            raise Cancelled

    def stop() -> None:
        until(lambda: groups)
        stopped.set()
        end_group(next(iter(groups)))

    threading.Thread(target=stop).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        run(python("import time; time.sleep(60)"), on_line=None, check=check, groups=groups)
    assert time.monotonic() - began < 30
    assert not groups


def test_ending_a_group_that_is_gone_does_nothing() -> None:
    """May run twice."""
    child = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(child, 0)
    end_group(child)
