"""Child processes that never outlive us: each has a keeper, which ends it when its lifeline pipe closes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import Unavailable

KEEPER = Path(__file__).with_name("keeper.py")
SAME_ACCOUNT = "same"


class Kept:
    """One child under a keeper. Safe to start from any thread; usable once.

    command: the program's path comes first and is absolute. environment: variables added to ours.
    grace: seconds between the stop signal and SIGKILL.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        pidfile: Path,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10.0,
        account: str = SAME_ACCOUNT,
        environment: Mapping[str, str] | None = None,
        cwd: Path | str = "/",
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._pidfile = pidfile
        self._grace = grace
        read_end, self._lifeline = os.pipe()
        keeper = [sys.executable, "-I", "-S", str(KEEPER), str(read_end), str(int(stop_signal)), str(grace), account, str(pidfile)]
        with log.open("ab") as out:
            self._keeper = subprocess.Popen(
                [*keeper, *command],
                pass_fds=[read_end, *pass_fds],
                cwd=cwd,
                env={**os.environ, **(environment or {})},  # handed on as it is, not read
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C in a terminal reaches us, and we stop our children in order
            )
        os.close(read_end)

    @property
    def is_up(self) -> bool:
        return self._keeper.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Of the command, 128 + signal for a death by signal; None while it runs."""
        return self._keeper.poll()

    @property
    def keeper_pid(self) -> int:
        return self._keeper.pid

    @property
    def pid(self) -> int | None:
        """Of the command itself, None once it has ended or before it has begun."""
        try:
            return int(self._pidfile.read_text()) if self.is_up else None
        except (FileNotFoundError, ValueError):
            return None

    def send(self, number: signal.Signals) -> None:
        """A signal to the command itself, not to its children."""
        if pid := self.pid:
            os.kill(pid, number)

    def wait(self) -> int:
        """Wait for its own end; the exit code."""
        code = self._keeper.wait()
        self.release()
        return code

    def release(self) -> None:
        """Ask it to end, without waiting. May be called twice."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def stop(self) -> None:
        """Ask it to end and wait; killed after `grace` seconds, with its process group. May be called twice."""
        self.release()
        try:
            self._keeper.wait(self._grace + 10)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"Process {self._keeper.pid} does not end", hint=f"Kill it by hand: kill -9 {self._keeper.pid}") from None
