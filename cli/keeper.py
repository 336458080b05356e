"""Runs one command and ends it when its owner is gone. Standard library only: started with `python -I -S`.

    keeper.py LIFELINE STOP_SIGNAL GRACE ACCOUNT PIDFILE COMMAND...

LIFELINE is the number of an inherited pipe: its end means that the owner closed it or died. GRACE: seconds before SIGKILL.
ACCOUNT says as whom the command runs: `same`, `namespace:UID` (a user namespace in which we are UID) or `user:NAME`.
Nothing of the command is left when the keeper ends: on Linux, descendants whose parent died come to the keeper (it is
their subreaper) and are killed at once; a worker's death thus also ends the ffmpeg that it ran. The exit code is the
command's, 128 + signal for a death by signal.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import select
import signal
import sys
import time
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
ORPHAN_SECONDS = 1.0


def process_control(option: int, value: int) -> None:
    """Linux's prctl; nothing elsewhere, where the lifeline alone must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def enter_namespace(uid: int) -> None:
    """Become UID in a new user namespace; files stay ours. Raises OSError where the kernel forbids it."""
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outside_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{pwd.getpwuid(uid).pw_gid} {outside_gid} 1")


def become(account: str) -> None:
    kind, _, who = account.partition(":")
    if kind == "namespace":
        enter_namespace(int(who))
    elif kind == "user":
        entry = pwd.getpwnam(who)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)


def spawn(account: str, stop_signal: int, command: list[str]) -> int:
    """The pid of the command, in a session of its own; the kernel stops it should this keeper be killed."""
    keeper = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        become(account)
        process_control(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() == keeper:
            os.execv(command[0], command)
    except (OSError, KeyError) as error:
        print(f"{command[0]}: {error}", file=sys.stderr, flush=True)
    os._exit(126)


def own_children() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


class Keeper:
    """Watches one child; `status` is its wait status once it has ended."""

    def __init__(self, child: int) -> None:
        self.child = child
        self.status: int | None = None

    def tend(self) -> None:
        """Reap what has ended, kill what has lost its parent."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.child:
                    self.status = ended[1]
        for orphan in own_children():
            if orphan != self.child:
                kill(orphan)

    def watch(self, lifeline: int, child_ended: int) -> None:
        """Return when the owner is gone or the child has ended."""
        while self.status is None:
            ready, _, _ = select.select([lifeline, child_ended], [], [], ORPHAN_SECONDS)
            if child_ended in ready:
                os.read(child_ended, 4096)
            self.tend()
            if lifeline in ready:
                return

    def stop(self, stop_signal: int, grace: float) -> int:
        """The exit code, after the stop signal and, when that is ignored for `grace` seconds, SIGKILL."""
        if self.status is None:
            os.kill(self.child, stop_signal)
        deadline = time.monotonic() + grace
        while self.status is None:
            if time.monotonic() > deadline:
                os.kill(self.child, signal.SIGKILL)
            time.sleep(0.02)
            self.tend()
        self.clear()
        code = os.waitstatus_to_exitcode(self.status)
        return code if code >= 0 else 128 - code

    def clear(self) -> None:
        """End the rest of the command's group, and the orphans that come to us from it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while own_children() and time.monotonic() < deadline:
            self.tend()
            time.sleep(0.01)


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def main(arguments: list[str]) -> int:
    lifeline, stop_signal, grace, account, pidfile, *command = arguments
    process_control(PR_SET_CHILD_SUBREAPER, 1)
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    keeper = Keeper(spawn(account, int(stop_signal), command))
    Path(pidfile).write_text(str(keeper.child))
    keeper.watch(int(lifeline), read_end)
    code = keeper.stop(int(stop_signal), float(grace))
    with contextlib.suppress(OSError):
        Path(pidfile).unlink()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
