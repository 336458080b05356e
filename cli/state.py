"""The state folder (`.drumbeat/`): who runs here, on which ports, with which secrets."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psutil
from cryptography.fernet import Fernet

from core.errors import Conflict

DEFAULT = Path(".drumbeat")

option = click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="STATE_DIR",
    default=DEFAULT,
    show_default=True,
    help="Where services, files and logs live.",
)


class State:
    """Reads and writes the folder's files; makes it on first use, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"

    def make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True)

    def secrets(self) -> dict[str, str]:
        """SECRET_KEY, ENCRYPTION_KEYS and Flower's login, made once."""
        found = self.read("secrets.json")
        if not found:
            found = {
                "SECRET_KEY": secrets.token_urlsafe(48),
                "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
                "FLOWER_BASIC_AUTH": f"drumbeat:{secrets.token_urlsafe(12)}",
            }
            self.write("secrets.json", found)
        return found

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the folder, empty when it is not there or not whole."""
        try:
            found: dict[str, Any] = json.loads((self.folder / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Whole or not at all, mode 0600."""
        self.make()
        fresh = self.folder / f"{name}.new"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(content, indent=2))
        fresh.replace(self.folder / name)

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Hold the folder as its only running platform. Raises Conflict when another one holds it."""
        self.make()
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Drumbeat is running already on {self.folder} (pid {self.read('state.json').get('pid', 'unknown')})",
                hint="Use that one, stop it with ./drumbeat down, or choose another --state-dir.",
            ) from None
        try:
            yield
        finally:
            (self.folder / "state.json").unlink(missing_ok=True)
            os.close(lock)

    def runner(self) -> psutil.Process | None:
        """The process that runs the platform of this folder, if it lives and is really ours."""
        running = self.read("state.json")
        try:
            process = psutil.Process(running["pid"])
        except (KeyError, psutil.Error):
            return None
        return process if abs(process.create_time() - running["created"]) < 1 else None

    def remove(self) -> None:
        """Delete everything. Only while nothing runs."""
        shutil.rmtree(self.folder, ignore_errors=True)
