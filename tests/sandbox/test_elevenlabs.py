"""ElevenLabs' speech."""

from __future__ import annotations

import base64
import io
from typing import Any

import av
import pytest

from tests.sandbox.conftest import Vendor
from tests.stack import SandboxProcess

SPEAK = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM"
TEXT = "Repair is free for the first ten years. Grüße aus Harrow Fell!"


def seconds(audio: bytes) -> float:
    """Length of the decoded samples."""
    with av.open(io.BytesIO(audio), "r") as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def test_the_times_of_the_characters_fit_the_audio(elevenlabs: Vendor) -> None:
    """One start and end for every character, rising, and the last ends where the decoded audio does."""
    answer = elevenlabs.post(f"{SPEAK}/with-timestamps", json={"text": TEXT}).json()
    times = answer["alignment"]
    starts, ends = times["character_start_times_seconds"], times["character_end_times_seconds"]
    assert "".join(times["characters"]) == TEXT
    assert len(starts) == len(ends) == len(TEXT)
    assert starts == sorted(starts)
    assert all(start <= end for start, end in zip(starts, ends, strict=True))
    assert ends[-1] == pytest.approx(seconds(base64.b64decode(answer["audio_base64"])), abs=0.1)
    assert 3 < ends[-1] < 10


def test_faster_speech_is_shorter(elevenlabs: Vendor) -> None:
    """The speed of the voice settings is heard."""
    slow, fast = (elevenlabs.post(SPEAK, json={"text": TEXT, "voice_settings": {"speed": speed}}).content for speed in (0.8, 1.2))
    assert seconds(fast) < seconds(slow) * 0.8


@pytest.mark.parametrize("output", ["mp3_44100_128", "mp3_22050_32", "opus_48000_64", "wav_44100"])
def test_every_format_is_decodable(elevenlabs: Vendor, output: str) -> None:
    """The bytes are real audio in the asked format."""
    answer = elevenlabs.post(SPEAK, json={"text": TEXT}, params={"output_format": output})
    assert 3 < seconds(answer.content) < 10
    assert answer.headers["character-cost"] == str(len(TEXT))


def test_speech_is_billed_by_character(elevenlabs: Vendor, sandbox: SandboxProcess) -> None:
    """In the ledger and in the subscription."""
    elevenlabs.post(SPEAK, json={"text": TEXT})
    assert [effect["body"]["characters"] for effect in sandbox.ledger(vendor="elevenlabs")] == [len(TEXT)]
    assert elevenlabs.get("/v1/user/subscription").json()["character_count"] == len(TEXT)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (SPEAK, {"text": "  "}, 400, "empty_text"),
        (SPEAK, {"text": "a" * 10_001}, 400, "text_too_long"),
        (SPEAK, {"text": "a", "model_id": "eleven_v9"}, 400, "unsupported_model"),
        ("/v1/text-to-speech/nobody", {"text": "a"}, 404, "voice_not_found"),
        (f"{SPEAK}?output_format=mp3_44100_192", {"text": "a"}, 400, "invalid_output_format"),
    ],
)
def test_a_refusal_has_its_code(elevenlabs: Vendor, path: str, body: dict[str, Any], status: int, code: str) -> None:
    """Status and code as the vendor documents them."""
    answer = elevenlabs.post(path, json=body)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)


@pytest.mark.parametrize("body", [{}, {"text": "a", "voice": "Rachel"}, {"text": "a", "voice_settings": {"speed": 3}}])
def test_validation_is_told_as_a_list(elevenlabs: Vendor, body: dict[str, Any]) -> None:
    """422 with loc, msg and type."""
    answer = elevenlabs.post(SPEAK, json=body)
    assert (answer.status_code, set(answer.json()["detail"][0])) == (422, {"loc", "msg", "type"})


def test_a_wrong_key_is_refused(elevenlabs: Vendor) -> None:
    """401 with the code that says which fault it is."""
    assert elevenlabs.post(SPEAK, json={"text": "a"}, headers={"xi-api-key": "x"}).json()["detail"]["code"] == "invalid_api_key"


def test_voices_are_paged(elevenlabs: Vendor) -> None:
    """By has_more and the token, every voice once."""
    first = elevenlabs.get("/v2/voices", params={"page_size": 3}).json()
    second = elevenlabs.get("/v2/voices", params={"page_size": 3, "next_page_token": first["next_page_token"]}).json()
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert len({voice["voice_id"] for voice in first["voices"] + second["voices"]}) == first["total_count"]
