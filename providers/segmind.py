"""Segmind: images from a prompt, by the asynchronous v2 protocol (submit, poll, fetch)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.errors import DrumbeatError, OutcomeUnknown, VendorRejected, VendorThrottled, VendorUnavailable
from core.settings import Settings
from providers import prices
from providers.contracts.image import ImageAnswer, ImageRequest
from providers.http import VendorClient
from providers.refusals import Reply, message
from providers.sniff import media_type_of

_POLL_SECONDS = 1.0
_LONGEST_PAUSE = 30.0
_PATIENCE = 10  # VENDOR_TIMEOUT_SECONDS that a submitted image may take
_FAILED = 422  # how both GETs answer for a job that ran and failed
_IMAGES = ("image/png", "image/jpeg", "image/webp")


class Segmind:
    """An ImageModel. `submit` and `collect` are the two halves of `generate`, for steps that rather snooze than block."""

    vendor = "segmind"

    def __init__(self, settings: Settings) -> None:
        self.simulated = settings.is_simulated(settings.segmind_base_url)
        self._model = settings.segmind_model
        self._seconds = settings.vendor_timeout_seconds * _PATIENCE
        self._client = VendorClient(
            self.vendor,
            settings.segmind_base_url,
            headers={"x-api-key": settings.segmind_api_key.get_secret_value()},
            variables="SEGMIND_API_KEY",
            judge=_judge,
        )

    def estimate(self, request: ImageRequest) -> Decimal:
        return prices.image(self._model)

    def generate(self, request: ImageRequest) -> ImageAnswer:
        """Submit and wait. OutcomeUnknown when the image is not there in time: it may still be made and billed."""
        request_id, until = self.submit(request), time.monotonic() + self._seconds
        while time.monotonic() < until:
            try:
                if answer := self.collect(request_id, seed=request.seed):
                    return answer
            except (VendorUnavailable, VendorThrottled) as error:  # the image is paid for: a failed look is repeated, not the image
                time.sleep(min(error.retry_after or 0, _LONGEST_PAUSE))
            time.sleep(_POLL_SECONDS)
        raise OutcomeUnknown(f"image {request_id} was not ready within {self._seconds:g} s", vendor=self.vendor)

    def submit(self, request: ImageRequest) -> str:
        """Start one image; its request id. Not idempotent."""
        body: dict[str, Any] = {"prompt": request.prompt, "aspect_ratio": request.aspect_ratio}
        if request.seed is not None:
            body["seed"] = request.seed
        if request.negative_prompt:
            body["negative_prompt"] = request.negative_prompt
        reply = self._client.call("POST", f"/v2/{self._model}", json=body)
        request_id = self._client.document(reply).get("request_id")
        if not isinstance(request_id, str) or not request_id:
            raise OutcomeUnknown("the answer to a submitted image holds no request_id", vendor=self.vendor)
        return request_id

    def collect(self, request_id: str, *, seed: int | None = None) -> ImageAnswer | None:
        """The image, or None while it is being made. May run twice."""
        path = f"/v2/requests/{request_id}"
        if self._read(f"{path}/status").get("status") != "COMPLETED":
            return None
        found = self._read(path)
        url = next(_urls(found.get("output")), None)
        if url is None:
            raise VendorRejected(f"image {request_id} is done but has no address", vendor=self.vendor)
        content = self._client.download(url).content
        media_type = media_type_of(content[:64])
        if media_type not in _IMAGES:
            raise VendorRejected(f"image {request_id} is not an image but {media_type or 'of unknown type'}", vendor=self.vendor)
        cost = (found.get("metrics") or {}).get("cost")
        price = prices.image(self._model) if cost is None else Decimal(str(cost))
        return ImageAnswer(content=content, media_type=media_type, cost=price, vendor_id=request_id, seed=seed)

    def _read(self, path: str) -> dict[str, Any]:
        reply = self._client.call("GET", path, accept=(_FAILED,))
        found = self._client.document(reply)
        if found.get("status") == "FAILED" or reply.status == _FAILED:
            raise VendorRejected(f"the image could not be made: {message(reply)}", vendor=self.vendor)
        return found


def _judge(reply: Reply) -> DrumbeatError | None:
    """406 is also how an empty account answers; 403 names a model that the account may not use."""
    text = message(reply)
    if reply.status == 406 and "credit" in text.lower():
        return VendorRejected(f"406 {text}", vendor=reply.vendor, hint="Top up the account at segmind, then replay the job.")
    if reply.status == 403:
        return VendorRejected(f"403 {text}", vendor=reply.vendor, hint="Choose another SEGMIND_MODEL or change the plan.")
    return None


def _urls(output: Any) -> Iterator[str]:
    """Every URL in an output: a string for image models, a list or an object for others."""
    if isinstance(output, str) and output.startswith(("http://", "https://")):
        yield output
    elif isinstance(output, list | dict):
        for entry in output.values() if isinstance(output, dict) else output:
            yield from _urls(entry)
