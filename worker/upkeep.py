"""Chores: what has to be cleared away from time to time, said by whoever makes the litter."""

from __future__ import annotations

from collections.abc import Callable

from core.logging import logger

Chore = Callable[[], object]
_chores: list[Chore] = []


def chore(work: Chore) -> Chore:
    """Decorates work for the upkeep, which runs every few minutes over all organisations. It must bear running twice at once."""
    _chores.append(work)
    return work


def run_chores() -> None:
    """Each by itself: one that fails is logged and keeps no other from running."""
    for work in _chores:
        try:
            work()
        except Exception:  # noqa: BLE001  (whatever it is, the next chore must run)
            logger("worker").exception("upkeep.failed", chore=work.__name__)
