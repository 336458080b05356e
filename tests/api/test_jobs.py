"""Jobs over HTTP: submitted once, shown whole, listed, waited for, cancelled, replayed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import text

from models.session import engine_session, org_session
from tests.api.conftest import DRUMS, Answer, Api
from tests.people import Person
from worker import control

FIELDS = {"id", "kind", "state", "progress", "wait_reason", "steps", "result", "error", "cost", "created_at", "started_at", "finished_at"}

LOG = text("INSERT INTO job_logs (job_id, org_id, step, attempt, level, message) VALUES (:job, :org, 'tune', 1, 'info', :message)")


def test_submitting_answers_202_with_the_jobs_address(admin: Api) -> None:
    """The answer to a submission is the job itself, its address in Location."""
    answer = admin.post("/v1/jobs", {"kind": DRUMS, "params": {"beats": 3}, "priority": 2})
    assert answer.status_code == 202
    assert answer.json.keys() >= FIELDS
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json['id']}"
    shown = admin.get(answer.headers["Location"]).json
    assert (shown["params"]["beats"], shown["priority"], [step["name"] for step in shown["steps"]]) == (3, 2, ["tune", "play"])


def test_a_job_that_waits_says_why(admin: Api, make_job: Callable[..., str]) -> None:
    """A queued job has its reason in one sentence."""
    assert admin.get(f"/v1/jobs/{make_job()}").json["wait_reason"]


def test_the_same_key_and_body_make_one_job(admin: Api) -> None:
    """A repeated submission answers the first job, marked as a repetition."""
    key = {"Idempotency-Key": "spring-1"}
    first = admin.post("/v1/jobs", {"kind": DRUMS}, headers=key)
    again = admin.post("/v1/jobs", {"kind": DRUMS}, headers=key)
    assert again.json["id"] == first.json["id"]
    assert (again.headers["Idempotency-Replayed"], "Idempotency-Replayed" in first.headers) == ("true", False)


def test_the_same_key_with_another_body_is_refused(admin: Api) -> None:
    """A key belongs to its first body."""
    key = {"Idempotency-Key": "spring-2"}
    admin.post("/v1/jobs", {"kind": DRUMS}, headers=key)
    answer = admin.post("/v1/jobs", {"kind": DRUMS, "params": {"beats": 9}}, headers=key)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_mismatch")


def test_two_organisations_may_use_one_key(admin: Api, stranger: Api) -> None:
    """Keys are an organisation's own."""
    key = {"Idempotency-Key": "spring-3"}
    ours, theirs = (api.post("/v1/jobs", {"kind": DRUMS}, headers=key).json["id"] for api in (admin, stranger))
    assert ours != theirs


def test_a_key_that_is_too_long_is_refused(admin: Api) -> None:
    """Keys have at most 200 characters."""
    assert admin.post("/v1/jobs", {"kind": DRUMS}, headers={"Idempotency-Key": "k" * 201}).status_code == 422


def test_a_hundred_simultaneous_submissions_make_one_job(app: Flask, admin: Api) -> None:
    """A hundred requests with one key, at the same moment, are all answered with the same job."""
    answers: list[Answer] = []
    gate = threading.Barrier(100)

    def submit() -> None:
        api = Api(app.test_client(), admin.token)
        gate.wait()
        answers.append(api.post("/v1/jobs", {"kind": DRUMS}, headers={"Idempotency-Key": "all-at-once"}))

    threads = [threading.Thread(target=submit) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(admin.get("/v1/jobs").json["items"]) == 1


def test_preferring_to_wait_ends_with_the_job(admin: Api, user: Person, make_job: Callable[..., str]) -> None:
    """Prefer: wait=N answers 200 with the final job as soon as it has ended."""
    key = {"Idempotency-Key": "waited"}
    job = admin.post("/v1/jobs", {"kind": DRUMS}, headers=key).json["id"]

    def end() -> None:
        with org_session(user.org_id) as session:
            control.cancel(session, job)

    timer = threading.Timer(0.3, end)
    timer.start()
    answer = admin.post("/v1/jobs", {"kind": DRUMS}, headers=key | {"Prefer": "wait=20"})
    timer.join()
    assert (answer.status_code, answer.json["state"], answer.headers["Preference-Applied"]) == (200, "cancelled", "wait")


def test_preferring_to_wait_gives_up_in_time(admin: Api) -> None:
    """After N seconds the answer is 202 with the job as it is."""
    answer = admin.post("/v1/jobs", {"kind": DRUMS}, headers={"Prefer": "respond-async, wait=1"})
    assert (answer.status_code, answer.json["state"], "Preference-Applied" in answer.headers) == (202, "queued", False)


def test_jobs_are_listed_page_by_page(admin: Api, make_job: Callable[..., str]) -> None:
    """Newest first, by cursor, each job once; filters narrow the list."""
    made = [make_job() for _ in range(5)]
    first = admin.get("/v1/jobs?limit=3").json
    second = admin.get(f"/v1/jobs?limit=3&cursor={first['next_cursor']}").json
    assert [job["id"] for job in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    assert admin.get("/v1/jobs?state=failed").json["items"] == []
    assert len(admin.get(f"/v1/jobs?kind={DRUMS}").json["items"]) == 5


def test_cancel_and_replay(admin: Api, make_job: Callable[..., str]) -> None:
    """A queued job is cancelled at once; a cancelled one runs again as a new generation."""
    job = make_job()
    assert admin.post(f"/v1/jobs/{job}/replay").status_code == 409
    assert admin.post(f"/v1/jobs/{job}/cancel").json["state"] == "cancelled"
    assert admin.post(f"/v1/jobs/{job}/cancel").status_code == 409
    replayed = admin.post(f"/v1/jobs/{job}/replay", {"from_step": "play"})
    assert (replayed.status_code, replayed.json["state"], replayed.json["generation"]) == (202, "queued", 2)


def test_replaying_from_a_step_that_is_not_there(admin: Api, make_job: Callable[..., str]) -> None:
    """The steps one could name are in the hint."""
    job = make_job()
    admin.post(f"/v1/jobs/{job}/cancel")
    answer = admin.post(f"/v1/jobs/{job}/replay", {"from_step": "dance"})
    assert answer.status_code == 409
    assert "tune, play" in answer.json["hint"]


def test_logs_are_read_in_order(admin: Api, user: Person, make_job: Callable[..., str]) -> None:
    """Log lines come in order, page by page."""
    job = make_job()
    with engine_session() as session:
        for n in range(3):
            values = {"job": job, "org": user.org_id, "message": f"line {n}"}
            session.execute(LOG, values)
    first = admin.get(f"/v1/jobs/{job}/logs?limit=2").json
    rest = admin.get(f"/v1/jobs/{job}/logs?after={first['next_cursor']}").json
    assert [line["message"] for line in first["items"] + rest["items"]] == ["line 0", "line 1", "line 2"]


def test_kinds_are_published_with_their_schema(viewer: Api) -> None:
    """Every kind shows its params' JSON Schema, its steps and their pools."""
    kind = viewer.get(f"/v1/job-kinds/{DRUMS}").json
    assert kind in viewer.get("/v1/job-kinds").json["items"]
    assert kind["params_schema"]["properties"]["beats"]["minimum"] == 1
    assert kind["steps"] == [{"name": "tune", "pool": "io"}, {"name": "play", "pool": "cpu"}]
    assert viewer.get("/v1/job-kinds/test.nothing").json["code"] == "unknown_kind"
    internal = {one["name"] for one in viewer.get("/v1/job-kinds").json["items"] if one["internal"]}
    assert {name for name in internal if name.startswith("video.")} == {"video.segment", "video.soundtrack"}
