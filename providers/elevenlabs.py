"""ElevenLabs: speech from text, with the times of its words."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Any

from core.errors import DrumbeatError, OutcomeUnknown, VendorRejected
from core.settings import Settings
from providers import prices
from providers.contracts.voice import SpokenWord, VoiceAnswer, VoiceRequest
from providers.http import VendorClient
from providers.refusals import Reply, message

_FORMAT = "mp3_44100_128"
_SPEEDS = (0.7, 1.2)  # what the vendor takes


class ElevenLabs:
    """A VoiceModel."""

    vendor = "elevenlabs"

    def __init__(self, settings: Settings) -> None:
        self.simulated = settings.is_simulated(settings.elevenlabs_base_url)
        self._model, self._voice = settings.elevenlabs_model, settings.elevenlabs_voice_id
        self._client = VendorClient(
            self.vendor,
            settings.elevenlabs_base_url,
            headers={"xi-api-key": settings.elevenlabs_api_key.get_secret_value()},
            variables="ELEVENLABS_API_KEY",
            patience=4,
            judge=_judge,
        )

    def estimate(self, request: VoiceRequest) -> Decimal:
        return len(request.text) * prices.VOICE_CHARACTER

    def speak(self, request: VoiceRequest) -> VoiceAnswer:
        path = f"/v1/text-to-speech/{request.voice_id or self._voice}/with-timestamps"
        reply = self._client.call("POST", path, params={"output_format": _FORMAT}, json=self._body(request))
        found = self._client.document(reply)
        characters = int(reply.headers.get("character-cost") or len(request.text))
        return VoiceAnswer(
            content=self._audio(found),
            media_type="audio/mpeg",
            words=words_of(found.get("alignment") or found.get("normalized_alignment") or {}),
            cost=characters * prices.VOICE_CHARACTER,
            vendor_id=reply.headers.get("request-id", ""),
        )

    def _body(self, request: VoiceRequest) -> dict[str, Any]:
        body: dict[str, Any] = {"text": request.text, "model_id": self._model}
        if request.language:
            body["language_code"] = request.language
        if request.speed != 1.0:
            slowest, fastest = _SPEEDS
            body["voice_settings"] = {"speed": min(max(request.speed, slowest), fastest)}
        return body

    def _audio(self, found: dict[str, Any]) -> bytes:
        try:
            content = base64.b64decode(found.get("audio_base64") or "", validate=True)
        except (binascii.Error, TypeError):
            content = b""
        if not content:
            raise OutcomeUnknown("the answer holds no audio", vendor=self.vendor)
        return content


def words_of(alignment: dict[str, Any]) -> tuple[SpokenWord, ...]:
    """Words from the times of single characters: split at white space, punctuation stays with its word."""
    rows = zip(
        alignment.get("characters") or [],
        alignment.get("character_start_times_seconds") or [],
        alignment.get("character_end_times_seconds") or [],
        strict=False,
    )
    words: list[SpokenWord] = []
    joined = False
    for character, start, end in rows:
        if character.isspace():
            joined = False
        elif joined:
            words[-1] = SpokenWord(words[-1].text + character, words[-1].start, float(end))
        else:
            words.append(SpokenWord(character, float(start), float(end)))
            joined = True
    return tuple(words)


def _judge(reply: Reply) -> DrumbeatError | None:
    """A spent quota was long told as 401; 403 names a voice or feature that the plan does not hold."""
    text = message(reply)
    body = reply.body()
    detail = body.get("detail") if isinstance(body, dict) else None
    named = {detail.get("code"), detail.get("status")} if isinstance(detail, dict) else set()
    if reply.status == 401 and "quota_exceeded" in named:
        return VendorRejected(
            f"401 {text}", vendor=reply.vendor, hint="The ElevenLabs quota is spent: raise the plan or wait for its reset."
        )
    if reply.status == 403:
        return VendorRejected(
            f"403 {text}", vendor=reply.vendor, hint="Choose another ELEVENLABS_VOICE_ID or ELEVENLABS_MODEL, or change the plan."
        )
    return None
