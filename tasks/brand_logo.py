"""The brand's logo as an asset, when its site shows one that can be used in a film."""

from __future__ import annotations

import io
from typing import Any

from core.errors import DrumbeatError
from pipelines.brand.dna import BrandDNA
from providers.fetch import fetch
from tasks.new_assets import save_asset
from worker.context import StepContext

_LARGEST_LOGO = 5 * 1024 * 1024
_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


def keep_logo(ctx: StepContext, dna: BrandDNA) -> dict[str, Any] | None:
    """Fetch and keep the logo; None, with a line in the log, when there is none to be had: a film then sets the name in type."""
    if dna.logo is None:
        return None
    try:
        found = fetch(dna.logo.value, limit=_LARGEST_LOGO)
        ending = _TYPES.get(found.media_type)
        if ending is None:
            ctx.log(f"The logo {dna.logo.value} is {found.media_type}; films need PNG, JPEG, WebP or GIF and set the name in type instead")
            return None
        blob = ctx.keep(io.BytesIO(found.content), f"logo.{ending}", found.media_type)
        facts = {"url": dna.logo.value, "page": dna.logo.page}
        return save_asset(ctx, blob, name=f"{dna.name}: logo", role="logo", concept_id=None, simulated=False, facts=facts)
    except DrumbeatError as error:
        if error.code in ("cancelled", "lease_lost"):
            raise
        ctx.log(f"The logo {dna.logo.value} could not be kept: {error.detail}", level="warning")
        return None
