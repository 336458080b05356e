"""From answers that say no to our errors."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from core.errors import DrumbeatError, VendorRejected, VendorThrottled, VendorUnauthorized, VendorUnavailable
from providers.refusals import MESSAGE_LENGTH, Reply, message, refusal, wait_seconds


def reply(status: int = 400, body: Any = None, headers: dict[str, str] | None = None, secrets: tuple[str, ...] = ()) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return Reply("someone", status, headers or {}, content, secrets=secrets)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, VendorRejected),
        (401, VendorUnauthorized),
        (402, VendorRejected),
        (403, VendorUnauthorized),
        (408, VendorUnavailable),
        (422, VendorRejected),
        (429, VendorThrottled),
        (500, VendorUnavailable),
        (503, VendorUnavailable),
        (529, VendorUnavailable),
    ],
)
def test_each_status_has_its_error(status: int, error: type[DrumbeatError]) -> None:
    """The status decides the class, and with it whether the engine tries again."""
    assert type(refusal(reply(status))) is error


def test_a_refused_key_names_its_variable() -> None:
    """Whoever reads the error knows what to set."""
    assert "SOME_API_KEY" in refusal(reply(401), variables="SOME_API_KEY").hint


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": 400, "message": "No such model"}},
        {"error": "No such model"},
        {"detail": {"status": "x", "message": "No such model"}},
        {"detail": "No such model"},
        {"detail": [{"loc": ["body"], "msg": "No such model", "type": "missing"}]},
        {"errors": [{"code": 88, "message": "No such model"}]},
        {"title": "Invalid", "detail": "No such model"},
        {"error": "invalid_request", "error_description": "No such model"},
        b"<html><h1>No such   model</h1></html>",
    ],
)
def test_the_vendors_sentence_is_found(body: Any) -> None:
    """Every vendor's shape of refusal gives its sentence."""
    assert message(reply(400, body)) == "No such model"


def test_messages_lose_secrets_and_length() -> None:
    """What a vendor echoes is cleaned before anybody keeps it."""
    text = "Key Bearer abcdef123456 and my-own-key-99 are wrong. " + "x" * 1000
    cleaned = message(reply(400, {"error": text}, secrets=("Bearer my-own-key-99",)))
    assert "my-own-key-99" not in cleaned
    assert "abcdef123456" not in cleaned
    assert len(cleaned) == MESSAGE_LENGTH


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": formatdate(1000, usegmt=True), "Date": formatdate(970, usegmt=True)}, 30),
        ({"X-Rate-Limit-Reset": "1015", "Date": formatdate(1000, usegmt=True)}, 15),
        ({"X-RateLimit-Reset": "1700000005000", "Date": formatdate(1700000000, usegmt=True)}, 5),
        ({"X-Rate-Limit-Reset-At-UTC": "1970-01-01T00:17:00", "Date": formatdate(1000, usegmt=True)}, 20),
        ({"X-Rate-Limit-Reset": "900", "Date": formatdate(1000, usegmt=True)}, 0),
    ],
)
def test_the_wait_is_read_from_any_header(headers: dict[str, str], seconds: float) -> None:
    """Retry-After in seconds or as a date, and three vendors' reset headers, on the vendor's own clock."""
    found = wait_seconds({k.title(): v for k, v in headers.items()} | headers)
    assert found == pytest.approx(seconds)


def test_without_a_header_the_wait_is_not_known() -> None:
    """Nothing is invented."""
    assert wait_seconds({}) is None
    assert wait_seconds({"Retry-After": "soon"}) is None


def test_a_reset_without_a_date_header_uses_our_clock() -> None:
    """The local clock stands in for the vendor's."""
    assert wait_seconds({"X-Rate-Limit-Reset": str(time.time() + 60)}) == pytest.approx(60, abs=5)


def test_a_throttled_call_says_when_to_come_back() -> None:
    """The engine waits exactly so long."""
    assert refusal(reply(429, {}, {"Retry-After": "3"})).retry_after == 3
