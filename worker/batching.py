"""Calls that many threads make at the same moment become one statement, so that they share its round trip and its flush."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.errors import Unavailable

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_LARGEST_BATCH = 64
_GATHER_SECONDS = 0.004  # under load: time for others to join


@dataclass(eq=False)
class _Call(Generic[Item, Answer]):
    key: Hashable
    item: Item
    answer: Answer | None = None
    error: Exception | None = None
    is_answered: bool = False


class Batcher(Generic[Item, Answer]):
    """Whoever gets the turn works for all who wait by then; nobody waits longer than for two batches.

    run: the answers by key, for items of which no two have the same key; a key may be left out (None is answered).
    It must never wait for a row that another transaction holds, since everybody would wait with it.
    """

    def __init__(self, run: Callable[[dict[Hashable, Item]], dict[Hashable, Answer]]) -> None:
        self._run = run
        self._waiting: list[_Call[Item, Answer]] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()
        self._is_busy = False  # the last batch was one of several

    def __call__(self, key: Hashable, item: Item) -> Answer | None:
        """This item's answer. Raises what `run` raises for it."""
        call: _Call[Item, Answer] = _Call(key, item)
        with self._guard:
            self._waiting.append(call)
        while not call.is_answered:
            with self._turn:
                if not call.is_answered:
                    self._work()
        if call.error is not None:
            raise call.error
        return call.answer

    def _work(self) -> None:
        if self._is_busy:
            time.sleep(_GATHER_SECONDS)
        with self._guard:
            batch: dict[Hashable, _Call[Item, Answer]] = {}
            for call in self._waiting[:_LARGEST_BATCH]:
                batch.setdefault(call.key, call)
            taken = set(batch.values())
            self._waiting = [call for call in self._waiting if call not in taken]
        calls = list(batch.values())
        self._is_busy = len(calls) > 1
        try:
            self._answer(calls)
        except Unavailable as error:
            self._fail(calls, error)
        except Exception:  # noqa: BLE001  (each call is given its own)
            self._one_by_one(calls)
        finally:
            self._fail([call for call in calls if not call.is_answered], Unavailable("The process was interrupted"))

    def _fail(self, calls: list[_Call[Item, Answer]], error: Exception) -> None:
        for call in calls:
            call.error, call.is_answered = error, True

    def _answer(self, calls: list[_Call[Item, Answer]]) -> None:
        answers = self._run({call.key: call.item for call in calls})
        for call in calls:
            call.answer, call.is_answered = answers.get(call.key), True

    def _one_by_one(self, calls: list[_Call[Item, Answer]]) -> None:
        """One of them cannot be stored: it alone is to hear so."""
        for call in calls:
            try:
                self._answer([call])
            except Exception as error:  # noqa: BLE001  (raised again in the caller's thread)
                call.error, call.is_answered = error, True
