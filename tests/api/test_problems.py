"""Bad requests: each gets a problem object that says what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from api.json_body import read_json
from core.settings import get_settings
from tests.api.conftest import CAMPAIGN, DRUMS, Answer, Api

FIELDS = {"type", "title", "status", "detail", "code", "hint", "errors", "request_id", "retryable"}


def problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The answer's problem object, after checking its form."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.get_data(as_text=True)
    body: dict[str, Any] = answer.json
    assert body.keys() == FIELDS
    assert (body["status"], body["code"], body["request_id"]) == (status, code, answer.headers["X-Request-ID"])
    return body


def test_broken_json_says_where(admin: Api) -> None:
    """A body that is not JSON is refused with the line and column of the fault."""
    body = problem(admin.post("/v1/jobs", data='{"kind": \n oops}', content_type="application/json"), 400, "malformed_request")
    assert "line 2 column 2" in body["detail"]


@pytest.mark.parametrize("data", ['{"kind": NaN}', "[" * 100_000, '"' + "9" * 10 + '"', "9" * 10_000])
def test_json_that_is_no_object_or_cannot_be_read_is_refused(admin: Api, data: str) -> None:
    """Constants that JSON does not have, endless nesting, giant numbers and bare strings are faults of the caller, not ours."""
    assert admin.post("/v1/jobs", data=data, content_type="application/json").status_code in (400, 422)


@pytest.mark.parametrize("inner", ["[" * 70 + "]" * 70, '{"a":' * 900 + "1" + "}" * 900, "1e999", '{"\\ud800": {"\\ud800": "x\\ud800"}}'])
def test_what_could_not_be_kept_or_told_again_is_refused(admin: Api, anonymous: Api, inner: str) -> None:
    """Bottomless nesting, numbers without an end and halves of characters stop at the door, whatever route they are sent to."""
    event = '{"event_id": "e", "kind": "touchpoint", "name": "v", "occurred_at": "2026-11-25T10:00:00Z", "properties": {"a": %s}}' % inner  # noqa: UP031
    key = admin.post("/v1/write-keys", {"name": "Shop", "origins": ["https://shop.example"]}).json["key"]
    sent = {"Origin": "https://shop.example", "Content-Type": "text/plain"}
    answers = [
        admin.post("/v1/jobs", data=f'{{"kind": "{DRUMS}", "params": {{"beats": {inner}}}}}', content_type="application/json"),
        admin.post("/v1/events", data=f'{{"events": [{event}]}}', content_type="application/json"),
        anonymous.post("/v1/collect", data=f'{{"key": "{key}", "events": [{event}]}}', headers=sent),
    ]
    assert {answer.status_code for answer in answers} <= {400, 422}


def test_wrong_content_type_is_named(admin: Api) -> None:
    """A form where JSON belongs is refused, naming both."""
    body = problem(admin.post("/v1/jobs", data="kind=x", content_type="application/x-www-form-urlencoded"), 400, "malformed_request")
    assert "application/x-www-form-urlencoded" in body["detail"]
    assert "application/json" in body["hint"]


def test_unknown_kind_offers_near_names(admin: Api) -> None:
    """A misspelt kind is answered with the kinds that are nearest."""
    body = problem(admin.post("/v1/jobs", {"kind": "test.drum"}), 404, "unknown_kind")
    assert DRUMS in body["hint"]
    assert body["errors"] == [{"pointer": "/kind", "detail": "unknown kind"}]


def test_all_faults_of_params_are_told_at_once(admin: Api) -> None:
    """Every fault of the params comes with its own JSON pointer, in one answer."""
    body = problem(admin.post("/v1/jobs", {"kind": DRUMS, "params": {"beats": 0, "mood": 7, "a/b": 1}}), 422, "invalid_input")
    assert {fault["pointer"] for fault in body["errors"]} == {"/params/beats", "/params/mood", "/params/a~1b"}


def test_all_faults_of_a_body_are_told_at_once(admin: Api) -> None:
    """A body's faults are found together, unknown fields among them."""
    faulty = CAMPAIGN | {"name": "", "domain": "ftp://lumen.example", "channels": ["smoke"], "budget": -1, "colour": "red"}
    body = problem(admin.post("/v1/campaigns", faulty), 422, "invalid_input")
    assert {fault["pointer"] for fault in body["errors"]} == {"/name", "/domain", "/channels", "/budget", "/colour"}


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_text_that_postgres_cannot_keep_is_refused(admin: Api, text: str) -> None:
    """NUL characters and lone surrogates are faults with a pointer, deep inside params too."""
    assert [f["pointer"] for f in admin.post("/v1/campaigns", CAMPAIGN | {"name": text}).json["errors"]] == ["/name"]
    assert [f["pointer"] for f in admin.post("/v1/jobs", {"kind": DRUMS, "params": {"mood": [text]}}).json["errors"]] == ["/params/mood/0"]


@pytest.mark.parametrize(
    ("query", "pointer"), [("limit=0", "/query/limit"), ("cursor=zzz", "/query/cursor"), ("colour=red", "/query/colour")]
)
def test_faulty_query_parameters_are_named(admin: Api, query: str, pointer: str) -> None:
    """A query parameter that is out of range, garbled or unknown is named."""
    body = problem(admin.get(f"/v1/campaigns?{query}"), 422, "invalid_input")
    assert [fault["pointer"] for fault in body["errors"]] == [pointer]


def test_a_body_over_the_limit_is_refused(admin: Api) -> None:
    """A body larger than MAX_BODY_BYTES is answered 413 with the limit, announced or not."""
    limit = get_settings().max_body_bytes
    body = problem(admin.post("/v1/jobs", data=b"x" * (limit + 1), content_type="application/json"), 413, "payload_too_large")
    assert str(limit) in body["detail"]


def test_an_unknown_address_is_a_problem(anonymous: Api) -> None:
    """An address that does not exist says where to find those that do."""
    assert "/openapi.json" in problem(anonymous.get("/v1/nothing"), 404, "not_found")["hint"]


def test_a_wrong_method_names_the_right_ones(anonymous: Api) -> None:
    """A method that an address does not take is answered with Allow."""
    answer = anonymous.call("PUT", "/v1/jobs")
    problem(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_an_unexpected_error_tells_nothing_of_the_inside(app: Any, admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is answered as a problem with the request id and without its message."""

    def explode() -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(app.view_functions, "me.show", explode)
    assert "secret" not in str(problem(admin.get("/v1/me"), 500, "internal"))


def test_a_given_request_id_is_kept_when_it_is_harmless(anonymous: Api) -> None:
    """A caller's own X-Request-ID comes back; one with strange characters is replaced."""
    assert anonymous.get("/livez", headers={"X-Request-ID": "trace-123456"}).headers["X-Request-ID"] == "trace-123456"
    assert anonymous.get("/livez", headers={"X-Request-ID": "<script>alert"}).headers["X-Request-ID"] != "<script>alert"


def test_an_empty_body_is_an_empty_object(app: Any) -> None:
    """Routes whose body is all optional take no body at all."""
    with app.test_request_context("/v1/jobs", method="POST"):
        assert read_json() == {}
