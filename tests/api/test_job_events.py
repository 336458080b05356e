"""Live events over a real server: every event once and in order, however often the line is cut."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from api import capacity
from models.session import org_session
from tests.api.conftest import Api
from tests.api.serving import served
from tests.people import Person
from worker import control, events

CUTS = 50
EVENTS = 400


@pytest.fixture(scope="module")
def server(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("api")) as url:
        yield url


def stream(server: str, api: Api, job: str, **headers: str) -> requests.Response:
    wanted = {"Authorization": f"Bearer {api.token}", "Accept": "text/event-stream", **headers}
    return requests.get(f"{server}/v1/jobs/{job}/events", headers=wanted, stream=True, timeout=30)


def messages(answer: requests.Response) -> Iterator[dict[str, Any]]:
    """The events of a stream; its id line and its data agree."""
    for line in answer.iter_lines(chunk_size=1):
        if line.startswith(b"id: "):
            number = int(line[4:])
        if line.startswith(b"data: "):
            event = json.loads(line[6:])
            assert event["seq"] == number
            yield event


def happen(org_id: uuid.UUID, job: str, count: int, pause: float = 0.0) -> None:
    """Append progress events, then end the job."""
    for n in range(count):
        with org_session(org_id) as session:
            events.append(session, job, "step.progress", step="tune", n=n)
        time.sleep(pause)
    with org_session(org_id) as session:
        control.cancel(session, job)


def test_fifty_cuts_lose_and_repeat_nothing(server: str, admin: Api, user: Person, make_job: Callable[..., str]) -> None:
    """While events pour in, the client drops the connection fifty times at random and comes back with Last-Event-ID."""
    job = make_job()
    writer = threading.Thread(target=happen, args=(user.org_id, job, EVENTS, 0.01))
    writer.start()
    dice, cuts = random.Random(7), 0
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["type"] != "job.cancelled":
        left = dice.randint(1, EVENTS // CUTS) if cuts < CUTS else EVENTS * 2
        with stream(server, admin, job, **({"Last-Event-ID": str(seen[-1]["seq"])} if seen else {})) as answer:
            for event in messages(answer):
                seen.append(event)
                left -= 1
                if not left:
                    cuts += 1
                    break
    writer.join()
    assert cuts == CUTS
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert [event["data"]["n"] for event in seen if event["type"] == "step.progress"] == list(range(EVENTS))


def test_a_stream_ends_with_its_job(server: str, admin: Api, user: Person, make_job: Callable[..., str]) -> None:
    """A job that has ended is told to its end, and then the server hangs up."""
    job = make_job()
    happen(user.org_id, job, 3)
    with stream(server, admin, job) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert [event["type"] for event in messages(answer)][-1] == "job.cancelled"


def test_the_same_events_as_json(admin: Api, user: Person, make_job: Callable[..., str]) -> None:
    """Who does not ask for a stream gets a page of the same events."""
    job = make_job()
    happen(user.org_id, job, 3)
    page = admin.get(f"/v1/jobs/{job}/events?after=1").json["items"]
    assert [event["seq"] for event in page] == list(range(2, 2 + len(page)))
    assert page[0]["type"] == "step.progress"


def test_a_user_has_a_limited_number_of_streams(server: str, admin: Api, member: Api, make_job: Callable[..., str]) -> None:
    """One stream too many is refused with a hint, other users and short requests go on, and a closed one makes room."""
    job = make_job()
    held = [stream(server, admin, job) for _ in range(capacity.STREAMS_PER_USER)]
    assert {answer.status_code for answer in held} == {200}
    refused = stream(server, admin, job)
    assert (refused.status_code, refused.json()["retryable"]) == (429, True)
    assert stream(server, member, job).status_code == 200
    assert requests.get(f"{server}/v1/me", headers={"Authorization": f"Bearer {admin.token}"}, timeout=10).status_code == 200
    for answer in held:
        answer.close()


def test_places_are_given_back() -> None:
    """A place that was left can be taken again; each user and all together have their limit."""
    held = capacity.Held("things", total=3, each=2)
    assert [held.take(name) for name in ("ada", "ada", "ada", "ben", "ben")] == [True, True, False, True, False]
    held.leave("ada")
    assert held.take("ben")


def test_a_foreign_last_event_id_starts_from_the_beginning(admin: Api, make_job: Callable[..., str]) -> None:
    """A Last-Event-ID that is no number is not an error: nothing is missed."""
    page = admin.get(f"/v1/jobs/{make_job()}/events", headers={"Last-Event-ID": "abc"}).json["items"]
    assert [event["seq"] for event in page] == [1]
