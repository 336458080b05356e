"""remove.bg's mattes."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image, ImageDraw

from tests.sandbox.conftest import Vendor
from tests.stack import SandboxProcess


def picture(size: tuple[int, int] = (120, 80), colour: str | None = "crimson") -> bytes:
    """A disc in the middle of a pale ground, or the ground alone."""
    image = Image.new("RGB", size, "#e8e8e0")
    if colour:
        ImageDraw.Draw(image).ellipse((size[0] // 3, size[1] // 4, size[0] * 2 // 3, size[1] * 3 // 4), fill=colour)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def ask(removebg: Vendor, content: bytes, **fields: str) -> requests.Response:
    return removebg.post("/removebg", files={"image_file": ("a.png", content, "image/png")}, data=fields)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_the_matte_is_the_disc(removebg: Vendor, sandbox: SandboxProcess) -> None:
    """White inside, black outside, its box in the headers, one credit in the ledger."""
    answer = ask(removebg, picture(), size="auto", format="png", channels="alpha")
    matte = opened(answer.content)
    assert (matte.mode, matte.size) == ("L", (120, 80))
    assert matte.getpixel((60, 40)) == 255 and matte.getpixel((5, 5)) == 0
    assert answer.headers["X-Credits-Charged"] == "1.0" and abs(int(answer.headers["X-Foreground-Left"]) - 40) < 3
    assert [effect["body"]["credits"] for effect in sandbox.ledger(vendor="removebg")] == [1.0]


def test_a_cut_out_has_alpha_and_a_preview_is_small(removebg: Vendor) -> None:
    """A quarter of a megapixel for a quarter of a credit."""
    answer = ask(removebg, picture((1200, 800)), format="png")
    cutout = opened(answer.content)
    assert cutout.mode == "RGBA" and cutout.width * cutout.height <= 250_000
    assert answer.headers["X-Credits-Charged"] == "0.25"


def test_json_zip_and_colours(removebg: Vendor) -> None:
    """The same in the vendor's other wrappings."""
    body = {"image_file_b64": base64.b64encode(picture()).decode(), "size": "auto", "bg_color": "00f"}
    told = removebg.post("/removebg", json=body, headers={"Accept": "application/json"}).json()["data"]
    assert np.asarray(opened(base64.b64decode(told["result_b64"])))[3, 3, 2] > 240
    packed = ask(removebg, picture(), size="auto", format="zip")
    assert zipfile.ZipFile(io.BytesIO(packed.content)).namelist() == ["color.jpg", "alpha.png"]


def test_a_plain_picture_has_no_foreground_and_costs_nothing(removebg: Vendor, sandbox: SandboxProcess) -> None:
    """As the vendor says it: a 400 with a code of its own."""
    answer = ask(removebg, picture(colour=None))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_foreground")
    assert sandbox.ledger(vendor="removebg") == []


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"headers": {"X-Api-Key": "wrong"}, "json": {}}, 403, "auth_failed"),
        ({"json": {}}, 400, "missing_source"),
        ({"json": {"image_url": "http://a.example/a.png"}}, 400, "failed_image_download"),
        ({"json": {"image_file_b64": "AAAA", "image_url": "http://a.example"}}, 400, "multiple_sources"),
        ({"json": {"image_file_b64": "AAAA"}}, 400, "invalid_file_type"),
        ({"json": {"image_file_b64": "AAAA", "size": "huge"}}, 400, "invalid_size"),
        ({"json": {"image_file_b64": "AAAA", "sise": "auto"}}, 400, "invalid_request"),
    ],
)
def test_a_malformed_request_is_refused(removebg: Vendor, more: dict[str, Any], status: int, code: str) -> None:
    """Each with the vendor's status and word for it."""
    answer = removebg.post("/removebg", **more)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_an_empty_account_is_refused(removebg: Vendor) -> None:
    """When the credits are spent, 402; the account says how many are left."""
    for _ in range(3):
        ask(removebg, picture(), size="full")
    assert removebg.get("/account").json()["data"]["attributes"]["credits"]["total"] == 97.0
