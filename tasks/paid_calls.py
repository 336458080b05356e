"""Vendors' paid calls as effects of a step: budget checked, cost entered, a repeated step gets the stored answer."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pipelines.competitors.research import Ask
from providers import registry
from providers.contracts.image import ImageAnswer, ImageModel, ImageRequest
from providers.contracts.research import Citation, ResearchAnswer
from providers.contracts.text import TextAnswer, TextRequest
from providers.contracts.voice import VoiceAnswer, VoiceModel, VoiceRequest
from worker.context import StepContext

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "audio/mpeg": "mp3", "audio/wav": "wav"}


def paid_text(ctx: StepContext) -> Callable[[TextRequest], TextAnswer]:
    """A language model's `complete` under the step's budget."""
    model = registry.text_model()

    def complete(request: TextRequest) -> TextAnswer:
        def call() -> tuple[dict[str, Any], Decimal]:
            answer = model.complete(request)
            return {"text": answer.text, "model": answer.model, "vendor_id": answer.vendor_id, "cost": str(answer.cost)}, answer.cost

        receipt = ctx.paid(
            f"{request.purpose}-{_digest(request.messages)}",
            vendor=model.vendor,
            what=f"write {request.purpose}",
            estimate=model.estimate(request),
            simulated=model.simulated,
            call=call,
        )
        return TextAnswer(receipt["text"], receipt["model"], Decimal(receipt["cost"]), receipt["vendor_id"])

    return complete


def paid_research(ctx: StepContext) -> Ask:
    """A researcher's `ask` under the step's budget."""
    vendor = registry.researcher()

    def ask(question: str, instructions: str, schema: dict[str, Any]) -> ResearchAnswer:
        def call() -> tuple[dict[str, Any], Decimal]:
            answer = vendor.ask(question, instructions=instructions, schema=schema)
            return {**dataclasses.asdict(answer), "cost": str(answer.cost)}, answer.cost

        receipt = ctx.paid(
            f"research-{_digest(question)}",
            vendor=vendor.vendor,
            what="research competitors",
            estimate=vendor.estimate(question),
            simulated=vendor.simulated,
            call=call,
        )
        citations = tuple(Citation(**c) for c in receipt["citations"])
        return ResearchAnswer(receipt["text"], citations, Decimal(receipt["cost"]), receipt["model"], receipt["vendor_id"])

    return ask


def paid_image(ctx: StepContext, request: ImageRequest, name: str) -> dict[str, Any]:
    """One image in the store: `{key, media_type, seed, vendor_id, simulated}`."""
    model = registry.image_model()

    def call() -> tuple[dict[str, Any], Decimal]:
        answer = model.generate(request)
        return {**_stored(ctx, name, answer), "seed": answer.seed}, answer.cost

    key = f"image-{_digest(dataclasses.asdict(request))}"
    return _paid_file(ctx, key, model, f"make image {name!r}", model.estimate(request), call)


def paid_voice(ctx: StepContext, request: VoiceRequest, name: str) -> dict[str, Any]:
    """One recording in the store: `{key, media_type, words, vendor_id, simulated}`; words are `{text, start, end}` in seconds."""
    model = registry.voice_model()

    def call() -> tuple[dict[str, Any], Decimal]:
        answer = model.speak(request)
        return {**_stored(ctx, name, answer), "words": [dataclasses.asdict(word) for word in answer.words]}, answer.cost

    key = f"voice-{_digest(dataclasses.asdict(request))}"
    return _paid_file(ctx, key, model, f"speak {name!r}", model.estimate(request), call)


def _paid_file(
    ctx: StepContext,
    key: str,
    model: ImageModel | VoiceModel,
    what: str,
    estimate: Decimal,
    call: Callable[[], tuple[dict[str, Any], Decimal]],
) -> dict[str, Any]:
    """The receipt of a call whose answer is a stored file; the file is this attempt's from now on."""
    receipt = ctx.paid(key, vendor=model.vendor, what=what, estimate=estimate, simulated=model.simulated, call=call)
    ctx.adopt(receipt["key"])
    return {**receipt, "simulated": model.simulated}


def _stored(ctx: StepContext, name: str, answer: ImageAnswer | VoiceAnswer) -> dict[str, Any]:
    kept = ctx.keep(io.BytesIO(answer.content), _file_name(name, answer.media_type), answer.media_type)
    return {"key": kept.key, "media_type": answer.media_type, "vendor_id": answer.vendor_id}


def _digest(value: object) -> str:
    """The request itself is the key within the step: asking the same again is the same call."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _file_name(name: str, media_type: str) -> str:
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-")[:60] or "file"
    return f"{plain}.{_ENDINGS.get(media_type, 'bin')}"
