"""As whom a server runs: Postgres refuses root, and initdb wants a user that exists."""

from __future__ import annotations

import functools
import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cli.keeping import SAME_ACCOUNT, Kept
from core.errors import NotConfigured

PREFERRED_USERS = ("postgres", "nobody", "daemon", "www-data")


@dataclass(frozen=True)
class Account:
    """`argument` in the keeper's form; `uid` and `gid` own the files, None where they stay ours."""

    argument: str
    uid: int | None = None
    gid: int | None = None


SAME = Account(SAME_ACCOUNT)


@functools.cache
def unprivileged() -> Account:
    """An account that Postgres accepts: ours, ours inside a user namespace, or (as root) an existing user."""
    if os.geteuid() != 0 and _is_known(os.geteuid()):
        return SAME
    stand_in = next((e.pw_uid for e in pwd.getpwall() if e.pw_uid not in (0, 65534)), None)
    if stand_in is not None and may_run(inside := Account(f"namespace:{stand_in}"), "/bin/sh", "-c", "exit 0"):
        return inside
    if os.geteuid() == 0:
        return _existing_user()
    raise NotConfigured(
        f"Embedded Postgres cannot run: user id {os.geteuid()} has no name here and user namespaces are forbidden",
        hint="Run as a user that /etc/passwd knows, or set DATABASE_URL to a PostgreSQL of your own.",
    )


def may_run(account: Account, *command: str) -> bool:
    """Whether a short command succeeds under an account."""
    return run(account, *command)[0] == 0


def run(account: Account, *command: str) -> tuple[int, str]:
    """Run a command to its end under an account; its exit code and all it said."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        kept = Kept(command, pidfile=Path(folder, "pid"), log=log, account=account.argument)
        code = kept.wait()
        return code, log.read_text(errors="replace")


def _is_known(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def _existing_user() -> Account:
    names = [name for name in PREFERRED_USERS if any(e.pw_name == name for e in pwd.getpwall())]
    for name in names:
        entry = pwd.getpwnam(name)
        candidate = Account(f"user:{name}", entry.pw_uid, entry.pw_gid)
        if may_run(candidate, "/bin/sh", "-c", "exit 0"):
            return candidate
    raise NotConfigured(
        "Embedded Postgres cannot run as root, and no unprivileged user was found",
        hint="Run ./drumbeat as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.",
    )
