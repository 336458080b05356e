"""Segmind: images at once (v1) and by submit, poll and fetch (v2)."""

from __future__ import annotations

import base64
import re
import secrets
import time
from typing import Any, Literal

from flask import Blueprint, Response, abort, jsonify, request, send_file
from pydantic import Field

from sandbox.credentials import SEGMIND_KEY
from sandbox.drawing import Picture, draw
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, checked
from sandbox.writing.prompt import fingerprint

routes = Blueprint("segmind", __name__)

PRICES = {  # USD an image, by model
    "seedream-4.5": 0.03,
    "fast-flux-schnell": 0.0055,
    "flux-schnell": 0.008,
    "flux-dev": 0.02,
    "flux-1.1-pro": 0.05,
    "sdxl1.0-txt2img": 0.008,
    "z-image-turbo": 0.03,
}
CREDITS = 1000.0  # of a fresh account
KEPT_SECONDS = 7 * 86_400
_QUEUED, _PROCESSING = 0.3, 0.9  # seconds after submit
_RATIO = re.compile(r"([1-9]\d?):([1-9]\d?)")
_MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


class Asked(Strict):
    prompt: str = Field(min_length=1)
    negative_prompt: str = ""
    seed: int = -1
    steps: int | None = Field(default=None, ge=1, le=100)
    num_inference_steps: int | None = Field(default=None, ge=1, le=100)
    guidance_scale: float | None = Field(default=None, ge=0, le=30)
    aspect_ratio: str | None = None
    img_width: int | None = Field(default=None, ge=256, le=2048)
    img_height: int | None = Field(default=None, ge=256, le=2048)
    width: int | None = Field(default=None, ge=256, le=2048)
    height: int | None = Field(default=None, ge=256, le=2048)
    samples: int = Field(default=1, ge=1, le=1)
    image_format: Literal["jpeg", "png", "webp"] = "jpeg"
    base64: bool = False
    style: str | None = None
    scheduler: str | None = None
    strength: float | None = None
    refiner: bool | None = None
    high_noise_fraction: float | None = None

    def size(self) -> tuple[int, int]:
        """Width and height in pixels, about one megapixel where only the ratio is given."""
        if self.aspect_ratio is None:
            return self.img_width or self.width or 1024, self.img_height or self.height or 1024
        ratio = _RATIO.fullmatch(self.aspect_ratio)
        if ratio is None or not 1 / 3 <= int(ratio[1]) / int(ratio[2]) <= 3:
            raise Refused(406, f"aspect_ratio {self.aspect_ratio} is not supported")
        across, down = int(ratio[1]), int(ratio[2])
        unit = (1024 * 1024 / (across * down)) ** 0.5
        return round(unit * across / 16) * 16, round(unit * down / 16) * 16


@routes.before_request
def check_key() -> None:
    if request.endpoint == "segmind.output":
        return
    key = request.headers.get("x-api-key")
    if key is None:
        raise Refused(401, "Missing Authorization or x-api-key in header", code="missing")
    if key != SEGMIND_KEY:
        raise Refused(401, "Unauthorized. API key is invalid", code="invalid_key")


@routes.post("/v1/<model>")
def generate(model: str) -> Response:
    asked = checked(Asked, _body(model))
    started, seed = time.monotonic(), _seed(asked)
    content = _drawn(asked, seed)
    request_id, credits_left = secrets.token_hex(12), _bill(model, asked)
    headers = {
        "x-cost": f"{PRICES[model]:.4f}",
        "x-remaining-credits": f"{credits_left:.4f}",
        "x-request-id": request_id,
        "x-generation-time": f"{time.monotonic() - started:.3f}",
        "x-seed-value": str(seed),
    }
    if asked.base64:
        answer = jsonify(image=base64.b64encode(content).decode())
        answer.headers.update(headers)
        return answer
    return Response(content, mimetype=_MEDIA_TYPES[asked.image_format], headers=headers)


@routes.get("/v1/get-user-credits")
def credits_left() -> Response:
    return jsonify(credits=_credits())


@routes.post("/v2/<model>")
def submit(model: str) -> Response:
    """Taken in even when the input is bad: that shows when the job runs."""
    job: dict[str, Any] = {"id": secrets.token_hex(12), "model": model, "body": _body(model), "at": here().clock.now()}
    here().store.put("segmind.request", job["id"], job)
    root = f"{here().base_url}/segmind/v2/requests/{job['id']}"
    return jsonify(request_id=job["id"], status="QUEUED", status_url=f"{root}/status", response_url=root)


@routes.get("/v2/requests/<request_id>/status")
def status(request_id: str) -> Response:
    job = _job(request_id)
    if "outcome" not in job:
        return jsonify(status=_phase(job), metrics={})
    told = {name: job["outcome"][name] for name in ("status", "error", "metrics") if name in job["outcome"]}
    return _told(told)


@routes.get("/v2/requests/<request_id>")
def result(request_id: str) -> Response:
    job = _job(request_id)
    return _told(job["outcome"] if "outcome" in job else {"status": _phase(job), "output": None, "metrics": {}})


def _told(outcome: dict[str, Any]) -> Response:
    answer = jsonify(outcome)
    answer.status_code = 422 if outcome["status"] == "FAILED" else 200
    return answer


@routes.get("/images/<name>")
def output(name: str) -> Response:
    """The public address of an output, as images.segmind.com would serve it."""
    job = here().store.get("segmind.request", name.partition(".")[0])
    if job is None or "outcome" not in job or here().clock.now() - job["at"] > KEPT_SECONDS:
        abort(404, "This output does not exist or has expired.")
    return send_file(here().store.files / f"segmind-{name}")


def _body(model: str) -> dict[str, Any]:
    """The JSON body as it came, the model, type and credits checked."""
    if model not in PRICES:
        raise Refused(404, f"Model {model} not found")
    if request.mimetype != "application/json":
        raise Refused(406, "Content-Type must be application/json")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400, "The body is not a JSON object")
    if _credits() < PRICES[model]:
        raise Refused(406, "Insufficient credits")
    return body


def _credits() -> float:
    spent = sum(float(effect["body"]["cost"]) for effect in here().ledger.effects(vendor="segmind"))
    return round(CREDITS - spent, 4)


def _seed(asked: Asked) -> int:
    """The seed that was asked for, else one that differs each time the same prompt comes."""
    if asked.seed >= 0:
        return asked.seed
    question = fingerprint("segmind", asked.prompt)
    return int(question[:6], 16) + here().store.increment(f"question:{question}")


def _drawn(asked: Asked, seed: int) -> bytes:
    width, height = asked.size()
    return draw(Picture(asked.prompt, width, height, seed), asked.image_format)


def _bill(model: str, asked: Asked) -> float:
    """Note the image; returns the credits that are left."""
    state, key = here(), secrets.token_hex(12)
    state.ledger.record(
        "segmind", "image", key, {"model": model, "cost": PRICES[model], "prompt": asked.prompt[:400]}, at=state.clock.now()
    )
    return _credits()


def _job(request_id: str) -> dict[str, Any]:
    """The job; the first look after its time runs it."""
    state = here()
    with state.store.transaction():
        job = state.store.get("segmind.request", request_id)
        if job is None or state.clock.now() - job["at"] > KEPT_SECONDS:
            raise Refused(404, "Request not found")
        if "outcome" not in job and state.clock.now() - job["at"] >= _PROCESSING:
            job["outcome"] = _run(job)
            state.store.put("segmind.request", request_id, job)
    return job


def _phase(job: dict[str, Any]) -> str:
    return "QUEUED" if here().clock.now() - job["at"] < _QUEUED else "PROCESSING"


def _run(job: dict[str, Any]) -> dict[str, Any]:
    times = {"inference_time": _PROCESSING - _QUEUED, "queue_time": _QUEUED, "total_time": _PROCESSING, "retry_count": 0}
    try:
        asked = checked(Asked, job["body"])
        content = _drawn(asked, _seed(asked))
    except Refused as refused:
        return {"status": "FAILED", "error": refused.message, "metrics": times}
    name = f"{job['id']}.{asked.image_format}"
    (here().store.files / f"segmind-{name}").write_bytes(content)
    left = _bill(job["model"], asked)
    address = f"{here().base_url}/segmind/images/{name}"
    return {"status": "COMPLETED", "output": address, "metrics": times | {"cost": PRICES[job["model"]], "remaining_credits": left}}


def _shape(refused: Refused) -> Any:
    if refused.status == 405:
        return "<html><body><h1>405 Method Not Allowed</h1></body></html>"
    if refused.code == "invalid_key":
        return {"error": "invalid_token", "error_description": refused.message, "status_code": 401}
    return {"error": refused.message}


def _throttled(seconds: int) -> dict[str, str]:
    reset = time.gmtime(here().clock.now() + seconds)
    return {"x-rate-limit-reset-at-utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", reset)}


vendor = Vendor("segmind", routes, _shape, _throttled)
