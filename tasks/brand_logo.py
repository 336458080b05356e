"""The brand's logo as an asset, when its site shows one that can be used in a film."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from core.errors import Cancelled, DrumbeatError, LeaseLost
from pipelines.brand.dna import BrandDNA
from providers.contracts.crawl import CrawledPage
from providers.fetch import fetch
from tasks.new_assets import save_asset
from worker.context import StepContext

_LARGEST_LOGO = 5 * 1024 * 1024
_MOST_TRIED = 4
_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


def keep_logo(ctx: StepContext, dna: BrandDNA, pages: Sequence[CrawledPage]) -> dict[str, Any] | None:
    """Keep the first logo that films can show; None, with lines in the log, when there is none: they set the name in type then."""
    first = [dna.logo.value] if dna.logo else []
    candidates = dict.fromkeys([*first, *(url for page in pages for url in page.logo_candidates)])
    for url in list(candidates)[:_MOST_TRIED]:
        if kept := _keep(ctx, dna, url):
            return kept
    return None


def _keep(ctx: StepContext, dna: BrandDNA, url: str) -> dict[str, Any] | None:
    try:
        found = fetch(url, limit=_LARGEST_LOGO)
        ending = _TYPES.get(found.media_type)
        if found.status != 200 or ending is None:
            ctx.log(f"The logo {url} answers {found.status} as {found.media_type}; films can show PNG, JPEG, WebP and GIF")
            return None
        blob = ctx.keep(io.BytesIO(found.content), f"logo.{ending}", found.media_type)
        return save_asset(ctx, blob, name=f"{dna.name}: logo", role="logo", concept_id=None, simulated=False, facts={"url": url})
    except (Cancelled, LeaseLost):
        raise
    except DrumbeatError as error:
        ctx.log(f"The logo {url} could not be kept: {error.detail}", level="warning")
        return None
