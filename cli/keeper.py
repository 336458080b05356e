"""Runs one command and ends it when its owner is gone. Standard library only: started with `python -I -S`.

    keeper.py LIFELINE STOP_SIGNAL GRACE ACCOUNT PIDFILE COMMAND...

LIFELINE is the number of an inherited pipe: its end means that the owner closed it or died. GRACE: seconds before SIGKILL.
ACCOUNT says as whom the command runs: `same`, `namespace:UID` (a user namespace in which we are UID) or `user:NAME`.
The command leads a process group of its own, of which nothing is left when the keeper ends. The exit code is the command's.
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


def end_with_parent(number: int) -> None:
    """Ask the kernel for a signal should this keeper be killed. Linux only; elsewhere the pipe must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def spawn(account: str, number: int, command: list[str]) -> int:
    keeper = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        become(account)
        end_with_parent(number)
        if os.getppid() == keeper:
            os.execv(command[0], command)
    except (OSError, KeyError) as error:
        print(f"{command[0]}: {error}", file=sys.stderr, flush=True)
    os._exit(126)


def wait_for_end(lifeline: int, child_ended: int) -> None:
    """Return when the owner is gone or the child has ended."""
    ready: list[int] = []
    while not ready:
        ready, _, _ = select.select([lifeline, child_ended], [], [])


def stop(child: int, number: int, grace: float) -> int:
    """The wait status of the child after its stop signal; killed when it ignores that for `grace` seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, number)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def main(arguments: list[str]) -> int:
    lifeline, number, grace, account, pidfile, *command = arguments
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = spawn(account, int(number), command)
    Path(pidfile).write_text(str(child))
    wait_for_end(int(lifeline), read_end)
    status = stop(child, int(number), float(grace))
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(OSError):
        Path(pidfile).unlink()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
