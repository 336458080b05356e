"""The client of ElevenLabs against the played one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import DrumbeatError, OutcomeUnknown, VendorRejected, VendorThrottled, VendorUnauthorized, VendorUnavailable
from providers import prices, registry
from providers.contracts.voice import SpokenWord, VoiceModel, VoiceRequest
from providers.elevenlabs import words_of
from providers.sniff import sniff
from tests.providers.conftest import Behaviour, LocalServer, answering
from tests.stack import SandboxProcess

TEXT = "Light, made slowly. By hand, in Yorkshire."


@pytest.fixture
def model(sandbox: SandboxProcess) -> VoiceModel:
    return registry.voice_model()


def test_a_text_is_spoken_with_the_times_of_its_words(model: VoiceModel, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Real sound; every word of the text, in order, within the sound's length; its price."""
    answer = model.speak(VoiceRequest(text=TEXT, language="en"))
    (tmp_path / "voice").write_bytes(answer.content)
    found = sniff(tmp_path / "voice")
    assert found.media_type == answer.media_type == "audio/mpeg"
    assert [w.text for w in answer.words] == TEXT.split()
    assert all(a.start <= a.end <= b.start for a, b in zip(answer.words, answer.words[1:], strict=False))
    assert answer.words[-1].end <= (found.duration_seconds or 0) + 0.3
    assert answer.cost == len(TEXT) * prices.VOICE_CHARACTER == model.estimate(VoiceRequest(text=TEXT))
    assert answer.vendor_id
    assert model.simulated


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("throttle", VendorThrottled),
        ("error", VendorUnavailable),
        ("unauthorized", VendorUnauthorized),
        ("lose_answer", OutcomeUnknown),
        ("garbage", OutcomeUnknown),
    ],
)
def test_every_failure_has_its_error(model: VoiceModel, sandbox: SandboxProcess, mode: str, error: type[DrumbeatError]) -> None:
    """As for every vendor."""
    sandbox.fault(vendor="elevenlabs", mode=mode, times=1)
    with pytest.raises(error):
        model.speak(VoiceRequest(text=TEXT))


def test_an_empty_text_is_rejected_with_the_vendors_words(model: VoiceModel) -> None:
    """The vendor's sentence is kept."""
    with pytest.raises(VendorRejected, match="text"):
        model.speak(VoiceRequest(text=""))


@pytest.mark.parametrize(
    ("status", "detail", "expected"),
    [
        ("401 Unauthorized", {"status": "quota_exceeded", "message": "This request exceeds your quota."}, VendorRejected),
        ("401 Unauthorized", {"status": "invalid_api_key", "message": "Invalid API key"}, VendorUnauthorized),
        ("403 Forbidden", {"code": "voice_access_denied", "message": "No such voice in your plan"}, VendorRejected),
        ("429 Too Many Requests", {"status": "too_many_concurrent_requests", "message": "Wait"}, VendorThrottled),
        ("422 Unprocessable Entity", [{"loc": ["body", "text"], "msg": "field required", "type": "missing"}], VendorRejected),
    ],
)
def test_refusals_that_need_reading(
    serve: Callable[[Behaviour], LocalServer], configure: Callable[..., None], status: str, detail: object, expected: type[DrumbeatError]
) -> None:
    """A spent quota once came as 401, and a plan's limits come as 403."""
    server = serve(answering(json.dumps({"detail": detail}).encode(), status=status))
    configure(ELEVENLABS_API_KEY="key", ELEVENLABS_BASE_URL=server.url)
    with pytest.raises(DrumbeatError) as refused:
        registry.voice_model().speak(VoiceRequest(text=TEXT))
    assert type(refused.value) is expected


def test_words_are_built_from_characters() -> None:
    """Split at white space of any length; punctuation stays with its word."""
    alignment = {
        "characters": list("Hi,  you!\n"),
        "character_start_times_seconds": [i / 10 for i in range(10)],
        "character_end_times_seconds": [(i + 1) / 10 for i in range(10)],
    }
    assert words_of(alignment) == (SpokenWord("Hi,", 0.0, 0.3), SpokenWord("you!", 0.5, 0.9))


def test_no_alignment_gives_no_words() -> None:
    """The vendor may leave it out."""
    assert words_of({}) == ()
