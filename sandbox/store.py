"""What the played vendors remember, in one SQLite file: documents, and the ledger's effects.

Writes are on the disk when a transaction ends (WAL, synchronous=FULL), so a killed sandbox has lost nothing that it did.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (kind, key));
CREATE INDEX IF NOT EXISTS documents_of_owner ON documents (kind, owner, at);
CREATE TABLE IF NOT EXISTS effects (
    id INTEGER PRIMARY KEY AUTOINCREMENT, vendor TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    at REAL NOT NULL, answered INTEGER NOT NULL, fault TEXT);
CREATE INDEX IF NOT EXISTS effects_by_key ON effects (vendor, kind, key);
"""


class Store:
    """Documents are JSON objects named by (kind, key); `owner` is what they are listed by, newest first."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.files = folder / "files"
        self.files.mkdir(exist_ok=True)
        self._lock = threading.RLock()
        self._last_number = 0
        self._connection = sqlite3.connect(folder / "sandbox.sqlite3", check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become durable together, or none does. Nests: only the outermost commits."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def put(self, kind: str, key: str, body: Document, *, owner: str = "", at: float | None = None) -> None:
        """Write or replace one document; a replaced one keeps its time and owner."""
        self.execute(
            "INSERT INTO documents (kind, key, owner, body, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, owner, json.dumps(body), time.time() if at is None else at),
        )

    def get(self, kind: str, key: str) -> Document | None:
        rows = self.execute("SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key))
        return json.loads(rows[0]["body"]) if rows else None

    def owned(self, kind: str, owner: str = "", *, limit: int = 1000) -> list[Document]:
        """The owner's documents, newest first."""
        found = self.execute(
            "SELECT body FROM documents WHERE kind = ? AND owner = ? ORDER BY at DESC, rowid DESC LIMIT ?", (kind, owner, limit)
        )
        return [json.loads(row["body"]) for row in found]

    def delete(self, kind: str, key: str) -> None:
        self.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    def increment(self, name: str) -> int:
        """How often this name was counted, this time included."""
        with self.transaction():
            count = int((self.get("count", name) or {"n": 0})["n"]) + 1
            self.put("count", name, {"n": count})
        return count

    def next_number(self) -> int:
        """A new number of up to 19 digits, rising with time over restarts."""
        with self._lock:
            self._last_number = max(self._last_number + 1, (int(time.time() * 1000) - 1_288_834_974_657) << 22)
            return self._last_number

    def clear(self) -> None:
        with self.transaction():
            self.execute("DELETE FROM documents")
            self.execute("DELETE FROM effects")
        for path in self.files.iterdir():
            path.unlink(missing_ok=True)
