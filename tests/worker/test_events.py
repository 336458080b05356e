"""A job's events: numbered without gaps, delivered once and in order."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

from core.errors import Unavailable
from models.session import engine_statement, org_session
from tests.worker.jobs import Jobs
from worker import events, eventstream, finish
from worker.eventstream import EventFeed
from worker.reading import events_after


def append(jobs: Jobs, job: object, count: int) -> None:
    for number in range(count):
        with org_session(jobs.org_id) as session:
            events.append(session, job, "step.progress", step="first", number=number)


def test_a_job_s_events_have_no_gaps(jobs: Jobs) -> None:
    """Eight writers at once, and the step's own end among them: seq counts up by one."""
    held = jobs.hold("test.noop")
    with ThreadPoolExecutor(9) as threads:
        writers = [threads.submit(append, jobs, held.job_id, 10) for _ in range(8)]
        threads.submit(finish.done, held, {}, []).result()
        for writer in writers:
            writer.result()
    assert [e["seq"] for e in jobs.events(held.job_id)] == list(range(1, 85))


def test_an_event_is_never_seen_before_an_earlier_one(jobs: Jobs) -> None:
    """A reader that asks for what is new while many write misses nothing."""
    job = jobs.put("test.noop")
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set() or len(seen) < 81:
            with org_session(jobs.org_id) as session:
                seen.extend(e["seq"] for e in events_after(session, job, seen[-1] if seen else 0))

    with ThreadPoolExecutor(9) as threads:
        reader = threads.submit(read)
        for writer in [threads.submit(append, jobs, job, 10) for _ in range(8)]:
            writer.result()
        done.set()
        reader.result(timeout=20)
    assert seen == list(range(1, 82))


def test_a_feed_that_is_cut_again_and_again_loses_nothing(live: Jobs) -> None:
    """Subscribing anew after the last seq that was seen, fifty times, delivers every event once, in order."""
    job = live.submit("test.naps", seconds=2.0, folder=live.folder)
    feed, dice = EventFeed(), random.Random(1)
    seen: list[int] = []
    types: list[str] = []
    for _ in range(1000):
        patience = dice.randint(1, 3)
        for event in feed.subscribe(live.org_id, job, seen[-1] if seen else 0):
            assert event is not None
            seen.append(event["seq"])
            types.append(event["type"])
            patience -= 1
            if not patience:
                break
        else:
            break
    assert types[0] == "job.queued"
    assert types[-1] == "job.succeeded"
    assert "step.progress" in types
    assert seen == list(range(1, len(seen) + 1))


def test_two_watchers_each_get_everything(live: Jobs) -> None:
    """One poller feeds a watcher from the beginning and one that joined later."""
    job = live.submit("test.chain", start=1)
    feed = EventFeed()
    with ThreadPoolExecutor(2) as threads:
        whole, rest = (threads.submit(lambda after: [e["seq"] for e in feed.subscribe(live.org_id, job, after) if e], n) for n in (0, 3))
        assert whole.result(timeout=30) == list(range(1, 9))
        assert rest.result(timeout=30) == list(range(4, 9))


def test_a_feed_of_a_job_that_is_over_ends_at_once(jobs: Jobs) -> None:
    """Whoever has seen all events of a final job is not kept waiting."""
    job = jobs.put("test.noop")
    jobs.cancel(job)
    last = jobs.events(job)[-1]["seq"]
    assert list(EventFeed().subscribe(jobs.org_id, job, last)) == []


def test_a_feed_gives_nothing_to_another_organisation(jobs: Jobs, make_organization, monkeypatch) -> None:
    """A watch on a foreign job's id stays silent, also while the owner watches the same job."""
    monkeypatch.setattr(eventstream, "_KEEP_ALIVE_SECONDS", 1.0)
    held = jobs.hold("test.noop")
    feed = EventFeed()
    with ThreadPoolExecutor(1) as threads:
        owner = threads.submit(lambda: [e["type"] for e in feed.subscribe(jobs.org_id, held.job_id) if e])
        stranger = feed.subscribe(make_organization().id, held.job_id)
        assert next(stranger) is None
        finish.done(held, {}, [])
        assert owner.result(timeout=20)[-1] == "job.succeeded"
        assert next(stranger) is None


def test_a_feed_ends_although_the_database_was_away_at_the_last_event(jobs: Jobs, monkeypatch) -> None:
    """Whether a job is over is asked again at every keep-alive."""
    monkeypatch.setattr(eventstream, "_KEEP_ALIVE_SECONDS", 0.3)
    job = jobs.put("test.noop")
    jobs.cancel(job)
    feed = EventFeed()
    over, failures = engine_statement, iter([True, True])

    def away_twice(sql: str, values: dict[str, object]) -> object:
        if sql == eventstream._OVER and next(failures, False):
            raise Unavailable("The database is away")
        return over(sql, values)

    monkeypatch.setattr(eventstream, "engine_statement", away_twice)
    assert [e["type"] for e in feed.subscribe(jobs.org_id, job) if e][-1] == "job.cancelled"
