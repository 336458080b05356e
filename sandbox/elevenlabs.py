"""ElevenLabs: speech (whole, streamed, with timestamps), voices, models and the subscription."""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import Field

from sandbox.credentials import ELEVENLABS_KEY
from sandbox.speech import Speech, alignment, encoded, speak
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, read_json

routes = Blueprint("elevenlabs", __name__)

CHARACTER_LIMIT = 500_000  # of the subscription
CONCURRENCY, QUEUE = 5, 40  # as the Creator plan: so many at once, so many more may wait
LONGEST_TEXT = {
    "eleven_multilingual_v2": 10_000,
    "eleven_flash_v2_5": 40_000,
    "eleven_turbo_v2_5": 40_000,
    "eleven_flash_v2": 30_000,
    "eleven_turbo_v2": 30_000,
}
# voice id: name, gender, accent, espeak-ng variant, pitch
VOICES = {
    "21m00Tcm4TlvDq8ikWAM": ("Rachel", "female", "american", "f2", 52),
    "EXAVITQu4vr4xnSDxMaL": ("Sarah", "female", "american", "f4", 58),
    "JBFqnCBsd6RMkjVDRZzb": ("George", "male", "british", "m3", 38),
    "onwK4e9ZLuTAKqWW03F9": ("Daniel", "male", "british", "m1", 44),
}
_FORMATS = re.compile(
    r"mp3_(22050_32|24000_48|44100_(32|64|96|128))|opus_48000_(32|64|96|128|192)|(pcm|wav)_(8000|16000|22050|24000|32000|44100|48000)|[ua]law_8000"
)
_slots = threading.BoundedSemaphore(CONCURRENCY)
_waiting: list[None] = []


class VoiceSettings(Strict):
    stability: float | None = Field(default=None, ge=0, le=1)
    similarity_boost: float | None = Field(default=None, ge=0, le=1)
    style: float | None = Field(default=None, ge=0, le=1)
    use_speaker_boost: bool | None = None
    speed: float | None = Field(default=None, ge=0.7, le=1.2)
    clone_strength: float | None = None


class Locator(Strict):
    pronunciation_dictionary_id: str
    version_id: str


class Asked(Strict):
    text: str
    model_id: str = "eleven_multilingual_v2"
    language_code: str | None = Field(default=None, pattern="^[a-z]{2}$")
    voice_settings: VoiceSettings | None = None
    pronunciation_dictionary_locators: list[Locator] = Field(default=[], max_length=3)
    seed: int | None = Field(default=None, ge=0, le=4_294_967_295)
    previous_text: str | None = None
    next_text: str | None = None
    previous_request_ids: list[str] = Field(default=[], max_length=3)
    next_request_ids: list[str] = Field(default=[], max_length=3)
    apply_text_normalization: Literal["auto", "on", "off"] = "auto"
    apply_language_text_normalization: bool = False
    use_pvc_as_ivc: bool = False
    audio_effects: dict[str, Any] | None = None


@routes.before_request
def check_key() -> None:
    key = request.headers.get("xi-api-key")
    if key is None:
        raise Refused(401, "The header xi-api-key is missing", code="missing_api_key")
    if key != ELEVENLABS_KEY:
        raise Refused(401, "Invalid API key", code="invalid_api_key")


@contextmanager
def _slot() -> Iterator[int]:
    """A place among the concurrent calls; waits in the queue, and is refused when that is full too."""
    if len(_waiting) >= CONCURRENCY + QUEUE:
        raise Refused(429, "Too many concurrent requests", code="concurrent_limit_exceeded")
    _waiting.append(None)
    try:
        with _slots:
            yield min(len(_waiting), CONCURRENCY)
    finally:
        _waiting.pop()


@routes.post("/v1/text-to-speech/<voice_id>")
@routes.post("/v1/text-to-speech/<voice_id>/stream")
def text_to_speech(voice_id: str) -> Response:
    audio, media_type, _speech, _text, headers = _spoken(voice_id)
    pieces = (audio[n : n + 4096] for n in range(0, len(audio), 4096)) if request.path.endswith("/stream") else audio
    return Response(pieces, mimetype=media_type, headers=headers)


@routes.post("/v1/text-to-speech/<voice_id>/with-timestamps")
def with_timestamps(voice_id: str) -> Response:
    audio, _media_type, speech, text, headers = _spoken(voice_id)
    times = alignment(text, speech)
    response = jsonify(audio_base64=base64.b64encode(audio).decode(), alignment=times, normalized_alignment=times)
    response.headers.update(headers)
    return response


@routes.post("/v1/text-to-speech/<voice_id>/stream/with-timestamps")
def stream_with_timestamps(voice_id: str) -> Response:
    """One object a line: the audio in pieces, all times with the first."""
    audio, _media_type, speech, text, headers = _spoken(voice_id)
    times = alignment(text, speech)
    pieces = [audio[n : n + 16_384] for n in range(0, len(audio), 16_384)]
    lines = (
        json.dumps({"audio_base64": base64.b64encode(piece).decode(), "alignment": None if n else times, "normalized_alignment": None})
        + "\n"
        for n, piece in enumerate(pieces)
    )
    return Response(lines, mimetype="application/json", headers=headers)


def _spoken(voice_id: str) -> tuple[bytes, str, Speech, str, dict[str, str]]:
    asked = read_json(Asked, status=422)
    output_format = request.args.get("output_format", "mp3_44100_128")
    _check(asked, voice_id, output_format)
    _name, _gender, accent, variant, pitch = VOICES[voice_id]
    language = asked.language_code or "en"
    language = {"american": "en-us", "british": "en-gb"}[accent] if language == "en" else language
    speed = (asked.voice_settings.speed if asked.voice_settings else None) or 1.0
    with _slot() as running:
        speech = speak(asked.text, voice=f"{language}+{variant}", speed=speed, pitch=pitch)
        audio = encoded(speech, output_format)
    headers = _bill(asked.text, voice_id, running)
    media_type = {"mp3": "audio/mpeg", "opus": "audio/ogg", "wav": "audio/wav"}.get(output_format.split("_")[0], "audio/basic")
    return audio, media_type, speech, asked.text, headers


def _check(asked: Asked, voice_id: str, output_format: str) -> None:
    if voice_id not in VOICES:
        raise Refused(404, f"A voice with voice_id {voice_id} was not found", code="voice_not_found")
    if asked.model_id not in LONGEST_TEXT:
        raise Refused(400, f"The model {asked.model_id} does not exist", code="unsupported_model", param="model_id")
    if not _FORMATS.fullmatch(output_format):
        raise Refused(
            400, f"output_format {output_format} is unknown or not in your plan", code="invalid_output_format", param="output_format"
        )
    if not asked.text.strip():
        raise Refused(400, "The text is empty", code="empty_text", param="text")
    if len(asked.text) > LONGEST_TEXT[asked.model_id]:
        raise Refused(
            400, f"The text has {len(asked.text)} characters; the model takes {LONGEST_TEXT[asked.model_id]}", code="text_too_long"
        )
    if _used() + len(asked.text) > CHARACTER_LIMIT:
        raise Refused(402, "You have too few credits for this text", code="insufficient_credits")


def _used() -> int:
    return sum(int(effect["body"]["characters"]) for effect in here().ledger.effects(vendor="elevenlabs"))


def _bill(text: str, voice_id: str, running: int) -> dict[str, str]:
    request_id = secrets.token_urlsafe(15)
    here().ledger.record("elevenlabs", "speech", request_id, {"characters": len(text), "voice_id": voice_id}, at=here().clock.now())
    return {
        "request-id": request_id,
        "x-trace-id": secrets.token_hex(16),
        "character-cost": str(len(text)),
        "current-concurrent-requests": str(running),
        "maximum-concurrent-requests": str(CONCURRENCY),
    }


def _voice(voice_id: str) -> dict[str, Any]:
    name, gender, accent, _variant, _pitch = VOICES[voice_id]
    labels = {"gender": gender, "accent": accent, "age": "middle_aged", "use_case": "narration"}
    return {"voice_id": voice_id, "name": name, "category": "premade", "labels": labels, "description": "Simulated", "preview_url": None}


@routes.get("/v2/voices")
def search_voices() -> Response:
    size, token = request.args.get("page_size", 10, int), request.args.get("next_page_token", "0")
    if not 1 <= size <= 100 or not token.isdecimal():
        raise Refused(400, "page_size is 1 to 100, and next_page_token comes from an earlier answer", code="invalid_parameters")
    wanted = request.args.get("search", "").lower()
    found = [_voice(key) for key in VOICES if wanted in VOICES[key][0].lower()]
    start = int(token)
    has_more = start + size < len(found)
    return jsonify(
        voices=found[start : start + size],
        has_more=has_more,
        total_count=len(found),
        next_page_token=str(start + size) if has_more else None,
    )


@routes.get("/v1/voices")
def voices() -> Response:
    return jsonify(voices=[_voice(key) for key in VOICES])


@routes.get("/v1/voices/<voice_id>")
def voice(voice_id: str) -> Response:
    if voice_id not in VOICES:
        raise Refused(404, f"A voice with voice_id {voice_id} was not found", code="voice_not_found")
    return jsonify(_voice(voice_id))


@routes.get("/v1/models")
def models() -> Response:
    return jsonify(
        [
            {
                "model_id": key,
                "name": key,
                "can_do_text_to_speech": True,
                "maximum_text_length_per_request": longest,
                "token_cost_factor": 1.0,
            }
            for key, longest in LONGEST_TEXT.items()
        ]
    )


@routes.get("/v1/user/subscription")
def subscription() -> Response:
    limits = {
        "character_limit": CHARACTER_LIMIT,
        "voice_limit": 30,
        "voice_slots_used": 0,
        "next_character_count_reset_unix": 1_798_761_600,
    }
    return jsonify(tier="creator", status="active", currency="usd", character_count=_used(), **limits)


def _shape(refused: Refused) -> dict[str, Any]:
    if refused.status == 422:
        where = ["body", *refused.param.split(".")] if refused.param else ["body"]
        return {"detail": [{"loc": where, "msg": refused.message, "type": "value_error"}]}
    kinds = {401: "authentication_error", 402: "payment_required", 404: "not_found", 429: "rate_limit_error", 503: "service_unavailable"}
    detail = {
        "type": kinds.get(refused.status, "invalid_request"),
        "code": refused.code or "invalid_parameters",
        "message": refused.message,
    }
    if refused.code == "invalid_key":
        detail["code"] = "invalid_api_key"
    return {
        "detail": detail
        | {"status": detail["code"], "request_id": secrets.token_hex(8)}
        | ({"param": refused.param} if refused.param else {})
    }


vendor = Vendor("elevenlabs", routes, _shape, lambda _seconds: {})
