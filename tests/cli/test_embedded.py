"""Embedded Postgres and Redis: their data survives, and they do not outlive their owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from cli.embedded import PostgresServer, RedisServer, accounts
from cli.embedded import postgres as postgres_module
from cli.embedded import server as server_module
from core.errors import Conflict
from tests.stack import ROOT


def query(url: str, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_postgres_keeps_its_data_and_its_url_over_a_crash(tmp_path: Path) -> None:
    """After SIGKILL the same rows are there under the same address."""
    with PostgresServer(tmp_path) as server:
        before = server.url
        query(server.url, "CREATE TABLE kept AS SELECT 7 AS n")
        server.kill()
        assert server.pid is None
        assert server.start() == before
        assert query(server.url, "SELECT n FROM kept") == [(7,)]


def test_postgres_is_durable_and_asks_for_a_password(tmp_path: Path) -> None:
    """Commits are synchronous, and a wrong password is refused."""
    with PostgresServer(tmp_path) as server:
        assert query(server.url, "SHOW synchronous_commit") == [("on",)]
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(server.url.replace(f":{server.url.split(':')[2].split('@')[0]}@", ":wrong@"))


def test_two_clusters_stand_side_by_side(tmp_path: Path) -> None:
    """Two folders make two servers on two ports."""
    with PostgresServer(tmp_path / "a") as one, PostgresServer(tmp_path / "b") as two:
        assert one.url != two.url
        assert query(one.url, "SELECT 1") == query(two.url, "SELECT 1") == [(1,)]


def test_one_folder_has_one_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second start on a folder in use is refused with a hint."""
    monkeypatch.setattr(server_module, "LOCK_SECONDS", 0.2)
    with RedisServer(tmp_path), pytest.raises(Conflict, match="run by another process") as refused:
        RedisServer(tmp_path).start()
    assert "--state-dir" in refused.value.hint


def test_redis_keeps_acknowledged_writes_and_never_evicts(tmp_path: Path) -> None:
    """A key is there after a stop and start, and the eviction policy is noeviction."""
    with RedisServer(tmp_path) as server:
        client = redis.Redis.from_url(server.url)
        client.set("kept", "yes")
        server.stop()
        server.start()
        assert client.get("kept") == b"yes"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_redis_hides_its_password_from_the_process_list(tmp_path: Path) -> None:
    """The command line, which everybody can read, does not hold the password."""
    with RedisServer(tmp_path) as server:
        password = server.url.split(":")[2].split("@")[0]
        assert password not in " ".join(psutil.Process(server.pid).cmdline())


OWNER = """
import sys, time
from cli.embedded import PostgresServer, RedisServer
postgres, redis = PostgresServer(sys.argv[1]), RedisServer(sys.argv[1])
postgres.start(), redis.start()
print(postgres.pid, redis.pid, flush=True)
time.sleep(60)
"""


def test_servers_end_with_a_killed_owner(tmp_path: Path) -> None:
    """SIGKILL of the owner ends both servers within seconds."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pids = [int(word) for word in owner.stdout.readline().split()]
    owner.kill()
    owner.wait()
    deadline = time.monotonic() + 15
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


def test_servers_end_with_a_killed_keeper(tmp_path: Path) -> None:
    """Not even the keeper's death leaves a server behind, and the next start works."""
    server = PostgresServer(tmp_path)
    server.start()
    orphan = server.pid
    assert orphan is not None
    os.kill(psutil.Process(orphan).ppid(), signal.SIGKILL)
    psutil.wait_procs([psutil.Process(orphan)] if psutil.pid_exists(orphan) else [], timeout=15)
    assert not psutil.pid_exists(orphan)
    assert query(server.start(), "SELECT 1") == [(1,)]
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_without_user_namespaces_uses_an_existing_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where namespaces are forbidden, Postgres runs as another user from a folder that this user can reach."""
    monkeypatch.setattr(postgres_module, "unprivileged", accounts._existing_user)
    server = PostgresServer(tmp_path)
    with server:
        assert query(server.url, "SELECT 1") == [(1,)]
        assert psutil.Process(server.pid).uids().real != 0
        room = (server.home / "elsewhere").resolve()
    server.remove()
    assert not room.exists()
