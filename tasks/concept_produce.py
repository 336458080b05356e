"""`concept.produce`: everything one concept needs: images and voice side by side, then the films."""

from __future__ import annotations

import uuid
from typing import Any

from pydantic import Field

from core.params import Params
from tasks.advert_render import SIZES, Shape
from tasks.campaign_records import brand_of, concept_of
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import ChildJob, Children, Outcome


class ConceptProduce(Params):
    concept_id: uuid.UUID
    shapes: list[Shape] = Field(default=list(SIZES), min_length=1, max_length=len(SIZES), description="shapes of the film")


kind = JobKind("concept.produce", ConceptProduce, summary="A concept's images, voice-over and films.")


@kind.step(pool="io", share=40)
def images_and_voice(ctx: StepContext, params: ConceptProduce) -> Outcome:
    concept, brand = concept_of(ctx, params.concept_id), brand_of(ctx)
    mine: dict[str, Any] = {"concept_id": str(params.concept_id)}
    pictures = [("image", concept.image_prompt), *((f"scene-{n}", s.image_prompt) for n, s in enumerate(concept.scenes, start=1))]
    colours = ", ".join(look.value for look in brand.colours[:3])
    images = [
        ChildJob("image.generate", {**mine, "role": role, "name": f"{concept.title}: {role}", "prompt": _coloured(prompt, colours)})
        for role, prompt in pictures
    ]
    voice = {**mine, "role": "voice", "name": f"{concept.title}: voice", "text": concept.script, "language": brand.language}
    return Children([*images, ChildJob("voice.generate", voice)])


@kind.step(pool="io", share=60)
def films(ctx: StepContext, params: ConceptProduce) -> Outcome:
    made = [child["result"] for child in ctx.output("images_and_voice")["children"]]
    images = [asset["asset_id"] for asset in made if asset["role"].startswith("scene-")]
    voice = next(asset["asset_id"] for asset in made if asset["role"] == "voice")
    job = {"concept_id": str(params.concept_id), "image_ids": images, "voice_id": voice}
    return Children([ChildJob("advert.render", {**job, "shape": shape}) for shape in params.shapes])


def _coloured(prompt: str, colours: str) -> str:
    return prompt if not colours or "#" in prompt else f"{prompt.rstrip('. ')[:1800]}. Colour palette: {colours}."
