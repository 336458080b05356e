"""`image.generate`: one image from a prompt, as an asset."""

from __future__ import annotations

import uuid
from typing import Literal

from pydantic import Field

from core.params import Params
from providers.contracts.image import ImageRequest
from tasks.campaign_records import concept_of
from tasks.new_assets import save_generated
from tasks.paid_calls import paid_image
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class ImageGenerate(Params):
    prompt: str = Field(min_length=3, max_length=2000, description="what the image shows")
    aspect_ratio: Literal["1:1", "9:16", "16:9", "4:5"] = "1:1"
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1, description="the same seed and prompt make the same image")
    name: str = Field(default="Image", min_length=1, max_length=120)
    role: str | None = Field(default=None, max_length=40, description="what it is for in its concept: image, scene-1 ...")
    concept_id: uuid.UUID | None = None


kind = JobKind("image.generate", ImageGenerate, summary="One image from a prompt, kept as an asset.")


@kind.step(pool="io", deadline=900)
def generate(ctx: StepContext, params: ImageGenerate) -> Outcome:
    if params.concept_id:
        concept_of(ctx, params.concept_id)
    request = ImageRequest(params.prompt, params.aspect_ratio, params.seed)
    made = paid_image(ctx, request, params.name)
    facts = {"prompt": params.prompt, "seed": made["seed"]}
    return save_generated(ctx, made, name=params.name, role=params.role, concept_id=params.concept_id, facts=facts)
