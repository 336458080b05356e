"""Child processes of a step: in a group of their own, read line by line, killed as a group."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from core.errors import StepFailed

_TERM_GRACE_SECONDS = 1.0
_TAIL_LINES = 30
_PR_SET_PDEATHSIG = 1


def end_group(group: int) -> None:
    """SIGTERM to the process group, SIGKILL a second later if anything of it is left. Returns at once; may run twice."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGTERM)
        timer = threading.Timer(_TERM_GRACE_SECONDS, _kill_group, args=(group,))
        timer.daemon = True
        timer.start()


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: between fork and exec a lock may be another thread's


def _die_with_parent() -> None:
    """A worker that is killed takes its ffmpeg along (Linux; elsewhere the sweep's next attempt is merely slower)."""
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def run(
    argv: Sequence[str],
    *,
    on_line: Callable[[str], None] | None,
    check: Callable[[], None],
    groups: set[int],
    cwd: str | None = None,
) -> None:
    """Run a program to its end, every line it prints (stdout and stderr together) going to `on_line`.

    check: called a few times a second; whatever it raises ends the group and is raised here. groups: where the
    process group is registered, so that a cancel can end it from another thread. Raises StepFailed with the last
    lines on a non-zero exit.
    """
    process = subprocess.Popen(
        list(argv),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509
    )
    groups.add(process.pid)
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    reader = threading.Thread(target=_read, args=(process.stdout, tail, on_line), daemon=True)
    try:
        reader.start()
        while process.poll() is None:
            check()
            time.sleep(0.1)
        reader.join(timeout=5)
        check()
    finally:
        if process.poll() is None:
            end_group(process.pid)
            process.wait()
        groups.discard(process.pid)
    if process.returncode != 0:
        raise StepFailed(f"{os.path.basename(argv[0])} ended with {process.returncode}: {' / '.join(tail) or 'no message'}")  # noqa: PTH119


def _read(stream: Any, tail: deque[str], on_line: Callable[[str], None] | None) -> None:
    for line in stream:
        tail.append(line.rstrip("\n"))
        if on_line:
            on_line(tail[-1])
