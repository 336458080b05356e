"""`advert.render`: a concept's pictures and voice as one film."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from core.params import Params
from models import Asset
from pipelines.publishing.drafts import link_of
from pipelines.video import advert
from pipelines.video.scenes import storyboard
from providers.contracts.voice import SpokenWord
from tasks.asset_files import local_asset
from tasks.campaign_records import brand_of, campaign_of, concept_of
from tasks.new_assets import save_asset
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

Shape = Literal["9:16", "16:9"]
SIZES: dict[Shape, tuple[int, int]] = {"9:16": advert.PORTRAIT, "16:9": advert.LANDSCAPE}
_AFTER_VOICE_SECONDS = 0.6


class AdvertRender(Params):
    concept_id: uuid.UUID
    shape: Shape
    image_ids: list[uuid.UUID] = Field(min_length=1, max_length=12, description="image assets in the order they are shown")
    voice_id: uuid.UUID = Field(description="an audio asset with word times")


kind = JobKind("advert.render", AdvertRender, summary="A film from a concept's images and voice: movement, captions, end card.")


@kind.step(pool="cpu", deadline=1800, max_attempts=3)
def render(ctx: StepContext, params: AdvertRender) -> Outcome:
    concept, brand = concept_of(ctx, params.concept_id), brand_of(ctx)
    images = [local_asset(ctx, image) for image in params.image_ids]
    voice = local_asset(ctx, params.voice_id)
    film = advert.Advert(
        scenes=storyboard([image.path for image in images], voice.seconds + _AFTER_VOICE_SECONDS),
        brand_name=brand.name,
        call_to_action=_call_to_action(ctx),
        size=SIZES[params.shape],
        voice=voice.path,
        words=tuple(SpokenWord(**word) for word in voice.facts.get("words", ())),
        colours=tuple(look.value for look in brand.colours),
        logo=_logo(ctx),
    )
    target = ctx.workdir / f"advert-{params.shape.replace(':', 'x')}.mp4"
    rendered = advert.render(film, target, run=ctx.process, progress=lambda part: ctx.progress(part, "renders"))
    blob = ctx.keep(target, target.name, "video/mp4")
    return save_asset(
        ctx,
        blob,
        name=f"{concept.title} ({params.shape})",
        role=f"video-{params.shape.replace(':', 'x')}",
        concept_id=params.concept_id,
        simulated=any(asset.simulated for asset in (*images, voice)),
        facts={"notes": list(rendered.notes), "images": [str(i) for i in params.image_ids], "voice": str(params.voice_id)},
        local=target,
    )


def _logo(ctx: StepContext) -> Path | None:
    with ctx.session() as session:
        logo = session.scalars(
            select(Asset.id)
            .where(Asset.campaign_id == ctx.campaign_id, Asset.role == "logo", Asset.deleted_at.is_(None))
            .order_by(Asset.created_at.desc())
        ).first()
    return local_asset(ctx, logo).path if logo else None


def _call_to_action(ctx: StepContext) -> str:
    return link_of(campaign_of(ctx).domain).split("://", 1)[1].rstrip("/")
