"""`vision.background`: backgrounds taken away or replaced, by remove.bg where it is configured, else by a model of our own."""

from __future__ import annotations

import io
import uuid
from decimal import Decimal
from typing import Any

from pydantic import Field

from core.errors import InvalidInput, NotConfigured
from pipelines.vision.background import BackgroundParams, make
from pipelines.vision.loading import as_jpeg
from providers import registry
from providers.contracts.background import BackgroundRemover, MatteRequest
from tasks.asset_files import AssetFile, wanted_assets
from tasks.new_assets import fetch_stored
from tasks.recipes import kitchen, saved
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

_VENDOR_BYTES = 12 * 1024 * 1024  # what remove.bg takes


class VisionBackground(BackgroundParams):
    """What is cut out, and what it stands before."""

    name: str | None = Field(default=None, min_length=1, max_length=200, description="name of the asset that is made")


kind = JobKind("vision.background", VisionBackground, summary="Backgrounds of pictures and films taken away or replaced.")


@kind.step(pool="io", share=20, deadline=1800)
def ask(ctx: StepContext, params: VisionBackground) -> Outcome:
    """Mattes of the images by remove.bg: `{asset id: stored key, or None for no foreground}`."""
    remover = _remover(params)
    if remover is None:
        return {"mattes": {}, "simulated": False}
    pictures = {name: file for name, file in wanted_assets(ctx, params).items() if name in params.sources and file.seconds == 0}
    if params.by == "remove.bg" and len(pictures) < len(set(params.sources)):
        raise InvalidInput("remove.bg takes no films", hint="Leave `by` out: films are then cut out by a model on the gpu pool.")
    mattes = {}
    for number, (asset_id, file) in enumerate(pictures.items()):
        ctx.progress(number / len(pictures), f"remove.bg cuts out image {number + 1} of {len(pictures)}")
        mattes[str(asset_id)] = _paid_matte(ctx, remover, file, params)
    return {"mattes": mattes, "simulated": remover.simulated}


@kind.step(pool="gpu", share=80, deadline=4 * 3600, max_attempts=3)
def compose(ctx: StepContext, params: VisionBackground) -> Outcome:
    asked, assets = ctx.output("ask"), wanted_assets(ctx, params)
    mattes = {uuid.UUID(name): fetch_stored(ctx, key) if key else None for name, key in asked["mattes"].items()}
    return saved(ctx, make(params, kitchen(ctx, assets), mattes), params.name, assets, simulated=asked["simulated"])


def _remover(params: VisionBackground) -> BackgroundRemover | None:
    """None where a model of our own is to do it. Raises NotConfigured when remove.bg was asked for by name."""
    remover = registry.background_remover() if params.by != "local" else None
    if remover is None and params.by == "remove.bg":
        raise NotConfigured(
            "remove.bg needs REMOVEBG_API_KEY",
            hint="Set it in the environment or in .env, or leave `by` out.",
            errors=[{"pointer": "REMOVEBG_API_KEY", "detail": "is missing"}],
        )
    return remover


def _paid_matte(ctx: StepContext, remover: BackgroundRemover, file: AssetFile, params: VisionBackground) -> str | None:
    """The stored matte of one image, or None where the vendor finds no foreground."""
    request = MatteRequest(as_jpeg(file.path, _VENDOR_BYTES), "image/jpeg", params.subject)

    def call() -> tuple[dict[str, Any], Decimal]:
        answer = remover.matte(request)
        name = f"matte-{file.sha256[:16]}.png"
        key = ctx.keep(io.BytesIO(answer.content), name, "image/png").key if answer.content else None
        return {"key": key, "vendor_id": answer.vendor_id}, answer.cost

    receipt = ctx.paid(
        f"matte-{file.sha256[:16]}-{params.subject}",
        vendor=remover.vendor,
        what=f"cut out {file.name!r}",
        estimate=remover.estimate(request),
        simulated=remover.simulated,
        call=call,
    )
    key: str | None = receipt["key"]
    if key:
        ctx.adopt(key)
    return key
