"""Calls of many threads in one statement: each gets its own answer, and only its own error."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import LeaseLost
from tests.worker.jobs import Jobs
from worker import finish
from worker.batching import Batcher


def test_everybody_gets_the_answer_to_their_own_item() -> None:
    """Fifty threads, fewer batches, no answer mixed up."""
    batches: list[int] = []

    def double(items: dict[Hashable, int]) -> dict[Hashable, int]:
        batches.append(len(items))
        threading.Event().wait(0.01)
        return {key: item * 2 for key, item in items.items()}

    batcher = Batcher(double)
    with ThreadPoolExecutor(50) as threads:
        assert list(threads.map(lambda n: batcher(n, n), range(200))) == [n * 2 for n in range(200)]
    assert sum(batches) == 200
    assert len(batches) < 200


def test_one_key_is_never_twice_in_a_batch() -> None:
    """Two wake-ups of one step at the same moment are two batches: the second sees what the first did."""
    made: list[Hashable] = []

    def claim_once(items: dict[Hashable, str]) -> dict[Hashable, str]:
        fresh = {key: item for key, item in items.items() if key not in made}
        made.extend(fresh)
        return fresh

    batcher = Batcher(claim_once)
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda n: batcher("job", f"worker {n}"), range(20)))
    assert len([answer for answer in answers if answer]) == 1


def test_steps_that_end_together_end_each_for_itself(jobs: Jobs) -> None:
    """Among many that finish at once, one whose output cannot be stored and one that was fenced fail alone."""
    held = [jobs.hold("test.noop") for _ in range(12)]
    fenced = held[1]
    finish.done(fenced, {}, [])

    def end(number: int) -> str:
        output = {"value": float("nan")} if number == 0 else {"value": number}
        try:
            return finish.done(held[number], output, [])[0]
        except LeaseLost:
            return "fenced"
        except Exception as error:  # noqa: BLE001  (its kind is what the test looks at)
            return type(error).__name__

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(end, range(12)))
    assert answers == ["DataError", "fenced", *["succeeded"] * 10]
    assert [jobs.view(claim.job_id)["result"] for claim in held[2:]] == [{"value": n} for n in range(2, 12)]


def test_an_error_of_the_batch_reaches_its_caller() -> None:
    """Nobody waits for an answer that will not come."""

    def fail(_: dict[Hashable, int]) -> dict[Hashable, int]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Batcher(fail)("key", 1)
