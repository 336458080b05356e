"""The client of Segmind against the played one."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable

import pytest
from PIL import Image

from core.errors import DrumbeatError, OutcomeUnknown, VendorRejected, VendorThrottled, VendorUnauthorized, VendorUnavailable
from providers import registry
from providers.contracts.image import ImageModel, ImageRequest
from tests.providers import media
from tests.providers.conftest import Behaviour, LocalServer, answering
from tests.stack import SandboxProcess

REQUEST = ImageRequest(prompt="A brass desk lamp on a walnut table", aspect_ratio="9:16", seed=7)
Serve = Callable[[Behaviour], LocalServer]
Configure = Callable[..., None]


@pytest.fixture
def model(sandbox: SandboxProcess) -> ImageModel:
    return registry.image_model()


def test_an_image_is_made(model: ImageModel, sandbox: SandboxProcess) -> None:
    """Submitted, waited for, fetched: a real picture of the asked shape, with its price."""
    answer = model.generate(REQUEST)
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert Image.MIME[picture.format or ""] == answer.media_type
        assert picture.width < picture.height
    assert answer.vendor_id
    assert 0 < answer.cost <= model.estimate(REQUEST)
    assert len(sandbox.ledger(vendor="segmind")) == 1
    assert model.simulated


@pytest.mark.parametrize(
    ("mode", "error"),
    [("throttle", VendorThrottled), ("error", VendorUnavailable), ("unauthorized", VendorUnauthorized), ("lose_answer", OutcomeUnknown)],
)
def test_every_failure_of_a_submit_has_its_error(model: ImageModel, sandbox: SandboxProcess, mode: str, error: type[DrumbeatError]) -> None:
    """As for every vendor."""
    sandbox.fault(vendor="segmind", mode=mode, method="POST", times=1)
    with pytest.raises(error):
        model.generate(REQUEST)


def test_a_failed_look_does_not_cost_the_image(model: ImageModel, sandbox: SandboxProcess) -> None:
    """Polling goes on: one image is made, not two."""
    sandbox.fault(vendor="segmind", mode="error", method="GET", times=2)
    assert model.generate(REQUEST).content
    assert len(sandbox.ledger(vendor="segmind")) == 1


def played(*steps: tuple[str, Behaviour]) -> Behaviour:
    """Each request is answered by the first step whose text is in its first line."""

    def behave(connection: socket.socket, request: bytes) -> None:
        line = request.split(b"\r\n")[0].decode()
        next(behaviour for part, behaviour in steps if part in line)(connection, request)

    return behave


def test_a_job_that_failed_is_told_with_its_reason(serve: Serve, configure: Configure) -> None:
    """422 on both GETs is how a failed job looks."""
    failed = answering(json.dumps({"status": "FAILED", "error": "NSFW content detected"}).encode(), status="422 Unprocessable Entity")
    server = serve(played(("POST", answering(b'{"request_id": "r1"}')), ("GET", failed)))
    configure(SEGMIND_API_KEY="key", SEGMIND_BASE_URL=server.url)
    with pytest.raises(VendorRejected, match="NSFW"):
        registry.image_model().generate(REQUEST)


def test_an_image_that_never_comes_is_in_doubt(serve: Serve, configure: Configure) -> None:
    """It may still be made and billed."""
    waiting = answering(b'{"status": "PROCESSING"}')
    server = serve(played(("POST", answering(b'{"request_id": "r1"}')), ("GET", waiting)))
    configure(SEGMIND_API_KEY="key", SEGMIND_BASE_URL=server.url, VENDOR_TIMEOUT_SECONDS="0.2", VENDOR_SETTLE_SECONDS="2")
    with pytest.raises(OutcomeUnknown, match="not ready"):
        registry.image_model().generate(REQUEST)


def test_an_output_that_is_no_image_is_refused(serve: Serve, configure: Configure) -> None:
    """A page in place of the picture does not become an asset."""

    def behave(connection: socket.socket, request: bytes) -> None:
        line = request.split(b"\r\n")[0]
        if b"/status" in line:
            answering(b'{"status": "COMPLETED"}')(connection, request)
        elif b"/requests/" in line:
            body = {"status": "COMPLETED", "output": [f"http://{server.address}/out.png"]}
            answering(json.dumps(body).encode())(connection, request)
        else:
            answering(b'{"request_id": "r1"}' if b"POST" in line else b"<html>expired")(connection, request)

    server = serve(behave)
    configure(SEGMIND_API_KEY="key", SEGMIND_BASE_URL=server.url)
    with pytest.raises(VendorRejected, match="not an image"):
        registry.image_model().generate(REQUEST)
    assert b"key" not in server.requests[-1]


def test_the_price_is_read_from_the_answer(serve: Serve, configure: Configure) -> None:
    """The metrics know better than our table."""

    def behave(connection: socket.socket, request: bytes) -> None:
        line = request.split(b"\r\n")[0]
        if b"/requests/" in line:
            body = {"status": "COMPLETED", "output": f"http://{server.address}/out.png", "metrics": {"cost": 0.031}}
            answering(json.dumps(body).encode())(connection, request)
        else:
            answering(b'{"request_id": "r1"}' if b"POST" in line else media.image())(connection, request)

    server = serve(behave)
    configure(SEGMIND_API_KEY="key", SEGMIND_BASE_URL=server.url)
    answer = registry.image_model().generate(REQUEST)
    assert (str(answer.cost), answer.media_type) == ("0.031", "image/png")


def test_an_empty_account_says_so(serve: Serve, configure: Configure) -> None:
    """406 has two meanings; this one is about money."""
    server = serve(answering(b'{"error": "Insufficient credits"}', status="406 Not Acceptable"))
    configure(SEGMIND_API_KEY="key", SEGMIND_BASE_URL=server.url)
    with pytest.raises(VendorRejected) as refused:
        registry.image_model().generate(REQUEST)
    assert "Top up" in refused.value.hint
