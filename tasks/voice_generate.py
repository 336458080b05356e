"""`voice.generate`: speech from text, with the times of its words, as an asset."""

from __future__ import annotations

import uuid

from pydantic import Field

from core.params import Params
from providers.contracts.voice import VoiceRequest
from tasks.campaign_records import concept_of
from tasks.new_assets import save_generated
from tasks.paid_calls import paid_voice
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class VoiceGenerate(Params):
    text: str = Field(min_length=1, max_length=5000, description="what is spoken")
    voice_id: str = Field(default="", max_length=80, description="a voice of the vendor; empty: the configured one")
    language: str | None = Field(default=None, pattern="^[a-z]{2}$", description="ISO 639-1")
    speed: float = Field(default=1.0, ge=0.7, le=1.2)
    name: str = Field(default="Voice-over", min_length=1, max_length=120)
    role: str | None = Field(default=None, max_length=40)
    concept_id: uuid.UUID | None = None


kind = JobKind("voice.generate", VoiceGenerate, summary="Speech from text, kept as an asset with the times of its words.")


@kind.step(pool="io", deadline=900)
def speak(ctx: StepContext, params: VoiceGenerate) -> Outcome:
    if params.concept_id:
        concept_of(ctx, params.concept_id)
    made = paid_voice(ctx, VoiceRequest(params.text, params.voice_id, params.language, params.speed), params.name)
    facts = {"text": params.text, "words": made["words"]}
    return save_generated(ctx, made, name=params.name, role=params.role, concept_id=params.concept_id, facts=facts)
