"""/workers: the pool processes, how busy they are, and what waits for them."""

from __future__ import annotations

from typing import Any

from api.pages.frame import routes, show
from worker import reading
from worker.kinds import POOLS


@routes.get("/workers")
def workers() -> str:
    found = reading.workers()
    return show("workers.html", pools={pool: _pool([w for w in found if w["pool"] == pool]) for pool in POOLS})


def _pool(processes: list[dict[str, Any]]) -> dict[str, Any]:
    alive = [process for process in processes if process["alive"]]
    return {"processes": processes, "slots": sum(p["slots"] for p in alive), "busy": sum(p["busy"] for p in alive), "alive": len(alive)}
