"""Every effect that a vendor really had: a post made, an image billed. What duplicates and losses are counted from."""

from __future__ import annotations

import json
from typing import Any

from flask import has_request_context

from sandbox.faults import active_fault
from sandbox.store import Store


class Ledger:
    """Append-only. A row is on the disk when `record` returns, or when the surrounding transaction ends."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, vendor: str, kind: str, key: str, body: dict[str, Any], *, at: float) -> int:
        """Write one effect; returns its id. `answered` is false where the answer is going to be lost on purpose."""
        fault = active_fault() if has_request_context() else None
        rows = self._store.execute(
            "INSERT INTO effects (vendor, kind, key, body, at, answered, fault) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (vendor, kind, key, json.dumps(body), at, not (fault and fault.loses_answer), fault.mode if fault else None),
        )
        return int(rows[0]["id"])

    def effects(self, *, vendor: str = "", kind: str = "", key: str = "", since: int = 0) -> list[dict[str, Any]]:
        """Effects with an id above `since`, oldest first; empty filters match all."""
        wanted = {name: value for name, value in (("vendor", vendor), ("kind", kind), ("key", key)) if value}
        where = "".join(f" AND {name} = ?" for name in wanted)
        rows = self._store.execute(f"SELECT * FROM effects WHERE id > ?{where} ORDER BY id", (since, *wanted.values()))
        return [dict(row) | {"body": json.loads(row["body"]), "answered": bool(row["answered"])} for row in rows]
