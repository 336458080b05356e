"""Segmind's images."""

from __future__ import annotations

import base64
import io
import time
from typing import Any

import pytest
import requests
from PIL import Image, ImageChops

from tests.sandbox.conftest import Vendor
from tests.stack import SandboxProcess

PROMPT = "A lamp on a table in the colours #1f4d3a and #e8a33d"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("ratio", ["1:1", "16:9", "9:16", "4:5"])
def test_an_image_has_the_asked_ratio(segmind: Vendor, ratio: str) -> None:
    """About one megapixel, within two per cent of the ratio; the bytes are the answer."""
    answer = segmind.post("/v1/seedream-4.5", json={"prompt": PROMPT, "aspect_ratio": ratio})
    image = opened(answer.content)
    across, down = map(int, ratio.split(":"))
    assert abs(image.width / image.height / (across / down) - 1) < 0.02
    assert 0.9e6 < image.width * image.height < 1.2e6
    assert float(answer.headers["x-cost"]) == 0.03
    assert answer.headers["Content-Type"] == "image/jpeg"


def test_an_image_has_the_named_colours_and_repeats_by_seed(segmind: Vendor) -> None:
    """The prompt's colour is really in it, and a seed gives the same picture again."""
    body = {"prompt": PROMPT, "img_width": 512, "img_height": 384, "seed": 3, "image_format": "png"}
    first, second = (segmind.post("/v1/sdxl1.0-txt2img", json=body) for _ in range(2))
    assert first.content == second.content
    assert first.headers["x-seed-value"] == "3"
    image = opened(first.content).convert("RGB")
    assert image.size == (512, 384)
    moss = Image.new("RGB", image.size, (0x1F, 0x4D, 0x3A))
    apart = ImageChops.difference(image, moss).convert("L").histogram()
    assert sum(apart[:24]) > 0.05 * sum(apart)


def test_base64_on_request(segmind: Vendor) -> None:
    """JSON in place of bytes."""
    answer = segmind.post("/v1/fast-flux-schnell", json={"prompt": PROMPT, "base64": True, "width": 256, "height": 256})
    assert opened(base64.b64decode(answer.json()["image"])).size == (256, 256)


def finished(url: str, headers: dict[str, str]) -> requests.Response:
    for _ in range(40):
        answer = requests.get(url, headers=headers, timeout=20)
        if answer.json()["status"] in ("COMPLETED", "FAILED"):
            return answer
        time.sleep(0.2)
    raise AssertionError(answer.text)


def test_submit_poll_and_fetch(segmind: Vendor, sandbox: SandboxProcess) -> None:
    """Billed once, however often it is polled; the output is public, and gone after a week."""
    started = segmind.post("/v2/seedream-4.5", json={"prompt": PROMPT, "aspect_ratio": "1:1"}).json()
    assert segmind.get(f"/v2/requests/{started['request_id']}/status").json()["status"] in ("QUEUED", "PROCESSING")
    finished(started["status_url"], segmind.headers)
    result = finished(started["response_url"], segmind.headers).json()
    assert opened(requests.get(result["output"], timeout=20).content).size == (1024, 1024)
    assert len(sandbox.ledger(vendor="segmind")) == 1
    sandbox.advance(8 * 86_400)
    assert requests.get(result["output"], timeout=20).status_code == 404


def test_bad_input_fails_when_the_job_runs(segmind: Vendor, sandbox: SandboxProcess) -> None:
    """The submit is a 200; the polled job is a 422 that was not billed."""
    started = segmind.post("/v2/seedream-4.5", json={"prompt": PROMPT, "stile": "base"})
    assert started.status_code == 200
    answer = finished(started.json()["status_url"], segmind.headers)
    assert (answer.status_code, answer.json()["error"]) == (422, "Unknown field: stile")
    assert sandbox.ledger(vendor="segmind") == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"headers": {"x-api-key": "SG_0000000000000000"}, "json": {}}, 401),
        ({"data": "prompt=a", "headers": {"Content-Type": "text/plain"}}, 406),
        ({"json": {"prompt": "a", "aspect_ratio": "99:1"}}, 406),
        ({"json": {"prompt": "a", "samples": 4}}, 400),
        ({"json": {}}, 400),
    ],
    ids=["wrong key", "not JSON", "odd ratio", "too many", "no prompt"],
)
def test_a_malformed_request_is_refused(segmind: Vendor, more: dict[str, Any], status: int) -> None:
    """Each with Segmind's status for it."""
    assert segmind.post("/v1/seedream-4.5", **more).status_code == status


def test_a_bearer_key_is_refused(sandbox: SandboxProcess, segmind: Vendor) -> None:
    """The right key in the wrong header is no key."""
    headers = {"Authorization": f"Bearer {segmind.headers['x-api-key']}"}
    assert requests.post(f"{segmind.root}/v1/seedream-4.5", json={}, headers=headers, timeout=10).status_code == 401


def test_a_wrong_verb_is_told_in_html(segmind: Vendor) -> None:
    """As the vendor does."""
    answer = segmind.ask("PUT", "/v1/seedream-4.5")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (405, "text/html")
