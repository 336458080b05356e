"""What browsers are told, and who may call from another origin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.headers import content_policy
from core.settings import get_settings
from tests.api.conftest import Api

PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize("path", ["/livez", "/docs", "/v1/nothing", "/openapi.json"])
def test_every_answer_has_the_security_headers(anonymous: Api, path: str) -> None:
    """Pages, data and errors alike: nosniff, no framing, and a policy without inline scripts."""
    headers = anonymous.get(path).headers
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]


def test_answers_of_the_api_are_not_kept(admin: Api) -> None:
    """Nothing under /v1 is stored by a browser or a proxy."""
    assert admin.get("/v1/me").headers["Cache-Control"] == "no-store"


def test_https_is_insisted_on_where_it_is_used(anonymous: Api, configure: Callable[..., None]) -> None:
    """Strict-Transport-Security is sent where PUBLIC_URL is https, and only there."""
    assert "Strict-Transport-Security" not in anonymous.get("/livez").headers
    configure(PUBLIC_URL="https://drumbeat.example")
    assert "max-age" in anonymous.get("/livez").headers["Strict-Transport-Security"]


def test_the_policy_lets_the_bucket_show_media(configure: Callable[..., None]) -> None:
    """With a bucket, pictures and clips may come from its origin; scripts may not."""
    configure(S3_BUCKET_NAME="files", S3_ENDPOINT_URL="https://s3.example:9000", CDN_DOMAIN="cdn.example")
    policy = dict(part.strip().split(" ", 1) for part in content_policy(get_settings()).split(";"))
    assert {"https://s3.example:9000", "https://cdn.example"} <= set(policy["img-src"].split())
    assert policy["script-src"] == "'self'"


def test_allowed_origins_may_call(anonymous: Api, configure: Callable[..., None]) -> None:
    """An origin in ALLOWED_ORIGINS or CORS_ORIGINS is let in, at the preflight and at the call."""
    configure(ALLOWED_ORIGINS="https://app.example", CORS_ORIGINS="https://old.example/")
    asked = anonymous.call("OPTIONS", "/v1/jobs", headers=PREFLIGHT)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, "https://app.example")
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert (
        anonymous.get("/livez", headers={"Origin": "https://old.example"}).headers["Access-Control-Allow-Origin"] == "https://old.example"
    )


@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.evil.example", "null"])
def test_other_origins_may_not(anonymous: Api, configure: Callable[..., None], origin: str) -> None:
    """Any other origin gets no permission, and caches are told that the answer depends on it."""
    configure(ALLOWED_ORIGINS="https://app.example")
    asked = anonymous.call("OPTIONS", "/v1/jobs", headers=PREFLIGHT | {"Origin": origin})
    assert "Access-Control-Allow-Origin" not in asked.headers
    assert "Origin" in asked.headers["Vary"]
