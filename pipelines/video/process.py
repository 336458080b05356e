"""A child process in its own process group, watched line by line and ended as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable

from core.errors import Cancelled, StepFailed

OnLine = Callable[[str], None]
Run = Callable[[list[str], OnLine], None]
"""Runs a command to its end and hands over every line it prints (stdout and stderr together).

Raises StepFailed for an exit status other than 0, and Cancelled after a cancel. Whatever makes it
return, an exception from the line handler included, the process group is gone by then.
"""

GRACE = 0.8  # seconds between SIGTERM and SIGKILL; with it a cancel stays well under 2 s


def standalone(cancelled: threading.Event | None = None) -> Run:
    """A runner for use outside the engine; setting `cancelled` ends the command."""
    flag = cancelled or threading.Event()

    def run(command: list[str], on_line: OnLine) -> None:
        if flag.is_set():
            raise Cancelled(f"{command[0]} was not started")
        process = start(command)
        finished = threading.Event()
        watch = threading.Thread(target=_end_on_cancel, args=(process, flag, finished), daemon=True)
        watch.start()
        try:
            _read(process, on_line)
        finally:
            finished.set()
            end_group(process)
            watch.join()
        if flag.is_set():
            raise Cancelled(f"{command[0]} was stopped")
        if process.returncode != 0:
            raise StepFailed(f"{command[0]} ended with status {process.returncode}")

    return run


def start(command: list[str]) -> subprocess.Popen[str]:
    """The command as leader of a new session, so that its whole group can be signalled."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def end_group(process: subprocess.Popen[str], grace: float = GRACE) -> None:
    """SIGTERM, then SIGKILL after `grace` seconds. May run twice and on a process that has ended."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _read(process: subprocess.Popen[str], on_line: OnLine) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            on_line(line.rstrip("\n"))
    process.wait()


def _end_on_cancel(process: subprocess.Popen[str], cancelled: threading.Event, finished: threading.Event) -> None:
    while not finished.is_set():
        if cancelled.wait(0.05):
            end_group(process)
            return


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:  # it ended between the look and the signal
        return
