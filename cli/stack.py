"""A whole platform on this machine: services, schema, sandbox, processes. What `up` and `demo` start."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import redis
import requests

from cli import ports
from cli.embedded import PostgresServer, RedisServer
from cli.embedded.server import EmbeddedServer
from cli.environment import GivenSettings, missing, read_given
from cli.migrate import migrate
from cli.procfile import read_procfile
from cli.state import State
from cli.supervisor import Supervised, Supervisor
from core.errors import DrumbeatError, NotConfigured, Unavailable
from core.settings import get_settings
from sandbox.env import environment as sandbox_environment

WANTED_PORTS = {"web": 8000, "flower": 5555, "sandbox": 8900, "site": 8901}
READY_SECONDS = 90.0
TEND_SECONDS = 0.2
RESTART_SECONDS = 3.0
HOPELESS_STARTS = 4


class Stack:
    """Context manager: running inside, stopped after. `say` gets a line for each thing that is done.

    simulate: every vendor is played by the sandbox, whatever keys are set; None: only when no key is set.
    allow_host: a private `host:port` that the guarded fetch may visit besides the sandbox's site.
    """

    def __init__(self, state: State, *, simulate: bool | None = None, allow_host: str = "", say: Callable[[str], None]) -> None:
        self.state = state
        self.ports: dict[str, int] = {}
        self._say = say
        self._simulate = simulate
        self._allow_host = allow_host
        self._servers: list[EmbeddedServer] = []
        self._supervisor = Supervisor([])
        self._ending = threading.Event()
        self._tending: threading.Thread | None = None

    @property
    def urls(self) -> dict[str, str]:
        api = f"http://127.0.0.1:{self.ports['web']}"
        urls = {"pages": f"{api}/", "api": api, "docs": f"{api}/docs", "flower": f"http://127.0.0.1:{self.ports['flower']}"}
        if self._simulate:
            urls |= {"sandbox": f"http://127.0.0.1:{self.ports['sandbox']}", "site": f"http://127.0.0.1:{self.ports['site']}"}
        return urls

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start all and wait until the API is ready. Raises NotConfigured or Unavailable."""
        given = read_given()
        self._decide_on_sandbox(given)
        self._choose_ports()
        self._export(given)
        self._say("bringing the database to the newest schema")
        migrate()
        _check_broker()
        self._supervisor = Supervisor(self._processes())
        self._tending = threading.Thread(target=self._tend, name="supervisor", daemon=True)
        self._tending.start()
        self._say(f"starting {', '.join(self._supervisor.processes)}")
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop API, beat, Flower, workers, sandbox, Redis, Postgres, in this order. May be called twice."""
        self._ending.set()
        if self._tending is not None:
            self._tending.join()
        self._supervisor.stop()
        while self._servers:
            self._servers.pop().stop()

    def _decide_on_sandbox(self, given: GivenSettings) -> None:
        production = given.environment == "production"
        if self._simulate and production:
            raise NotConfigured(
                "The sandbox is refused in production", hint="Unset ENVIRONMENT, or run ./drumbeat up with the vendors' keys."
            )
        if self._simulate is None:
            self._simulate = not given.has_vendor_keys and not production

    def _choose_ports(self) -> None:
        wanted = WANTED_PORTS | self.state.read("ports.json")
        self.ports = {}
        for name in WANTED_PORTS:
            self.ports[name] = ports.near(wanted[name], besides=self.ports.values())
            if self.ports[name] != wanted[name]:
                self._say(f"port {wanted[name]} is taken; {name} is on {self.ports[name]}")
        self.state.write("ports.json", self.ports)

    def _export(self, given: GivenSettings) -> None:
        """Start the services that are missing; put what the processes need into the environment that they inherit."""
        values = {
            "STATE_DIR": str(self.state.folder),
            "PUBLIC_URL": self.urls["api"],
            "FLOWER_URL": self.urls["flower"],
            **self.state.secrets(),
        }
        if "database_url" not in given.names:
            values["DATABASE_URL"] = self._serve(PostgresServer(self.state.folder))
        if "redis_url" not in given.names:
            values["REDIS_URL"] = self._serve(RedisServer(self.state.folder))
        chosen = missing(given, values) | {"STATE_DIR": str(self.state.folder)}
        if self._simulate:
            chosen |= sandbox_environment(self.urls["sandbox"], self.urls["site"])
        if self._allow_host:
            chosen["FETCH_ALLOW_HOSTS"] = ",".join(filter(None, [chosen.get("FETCH_ALLOW_HOSTS"), self._allow_host]))
        os.environ.update(chosen)
        get_settings.cache_clear()
        get_settings()

    def _serve(self, server: EmbeddedServer) -> str:
        self._say(f"starting embedded {server.title}")
        url = server.start()
        self._servers.append(server)
        return url

    def _processes(self) -> list[Supervised]:
        own = {"web": {"PORT": str(self.ports["web"])}, "flower": {"FLOWER_PORT": str(self.ports["flower"])}}
        commands = read_procfile()
        if self._simulate:
            words = f"--port {self.ports['sandbox']} --site-port {self.ports['site']}"
            commands = {"sandbox": f'python -m sandbox {words} --state-dir "$STATE_DIR/sandbox"', **commands}
        return [Supervised(name, command, self.state.logs, own.get(name, {})) for name, command in commands.items()]

    def _tend(self) -> None:
        """Body of the supervising thread: restart what ended, and record who runs."""
        recorded: dict[str, Any] = {}
        while not self._ending.wait(TEND_SECONDS):
            self._tend_servers()
            self._supervisor.tend()
            if (running := self._snapshot()) != recorded:
                self.state.write("state.json", running)
                recorded = running

    def _tend_servers(self) -> None:
        for server in self._servers:
            if not server.is_up:
                self._say(f"{server.title} ended; starting it again; log: {server.log}")
                try:
                    server.start()
                except DrumbeatError as error:
                    self._say(error.detail)
                    self._ending.wait(RESTART_SECONDS)

    def _snapshot(self) -> dict[str, Any]:
        me = psutil.Process()
        return {
            "pid": me.pid,
            "created": me.create_time(),
            "urls": self.urls,
            "ports": self.ports,
            "processes": {name: {"pid": p.pid, "starts": p.starts} for name, p in self._supervisor.processes.items()},
        }

    def _wait_until_ready(self) -> None:
        wanted = {"web": f"{self.urls['api']}/readyz"}
        if self._simulate:
            wanted["sandbox"] = f"{self.urls['sandbox']}/_sandbox/health"
        deadline = time.monotonic() + READY_SECONDS
        for name, url in wanted.items():
            process = self._supervisor.processes[name]
            while not _answers(url):
                if time.monotonic() > deadline or process.starts >= HOPELESS_STARTS:
                    raise Unavailable(f"{name} does not get ready:\n{last_lines(process.log)}", hint=f"All logs are in {self.state.logs}.")
                time.sleep(TEND_SECONDS)


def _check_broker() -> None:
    """Raises Unavailable when Redis does not answer: better told now than by every process in turn."""
    try:
        with redis.Redis.from_url(get_settings().redis_url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except redis.RedisError as error:
        raise Unavailable(f"Redis is away: {error}", hint="Start it, correct REDIS_URL, or unset it to use an embedded one.") from None


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, for error messages."""
    return "\n".join(log.read_text(errors="replace").strip().splitlines()[-count:]) if log.exists() else "(no log)"
