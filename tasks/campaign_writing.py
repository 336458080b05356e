"""What a campaign's steps write: each replaces what an earlier run of the step wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.settings import get_settings
from models import Brand, Brief, Competitor, Concept, SitePage
from pipelines.brand.dna import BrandDNA
from pipelines.brief import brief as briefs
from pipelines.competitors.profile import CompetitorProfile
from pipelines.concepts import concept as concepts
from pipelines.crawl.rows import page_row
from providers.contracts.crawl import CrawledPage
from worker.context import StepContext


def replace_pages(session: Session, ctx: StepContext, pages: Sequence[CrawledPage]) -> None:
    session.execute(delete(SitePage).where(SitePage.campaign_id == ctx.campaign_id))
    session.add_all(SitePage(**_mine(ctx), **page_row(page)) for page in pages)


def replace_brand(session: Session, ctx: StepContext, dna: BrandDNA) -> None:
    session.execute(delete(Brand).where(Brand.campaign_id == ctx.campaign_id))
    session.add(Brand(**_mine(ctx), **dna.row(), simulated=text_is_simulated()))


def replace_competitors(session: Session, ctx: StepContext, found: Sequence[CompetitorProfile]) -> None:
    session.execute(delete(Competitor).where(Competitor.campaign_id == ctx.campaign_id))
    simulated = get_settings().is_simulated(get_settings().perplexity_base_url)
    session.add_all(Competitor(**_mine(ctx), **profile.row(), simulated=simulated) for profile in found)


def replace_brief(session: Session, ctx: StepContext, written: briefs.Brief) -> None:
    session.execute(delete(Brief).where(Brief.campaign_id == ctx.campaign_id))
    session.add(Brief(**_mine(ctx), **written.row(), simulated=text_is_simulated()))


def replace_concepts(session: Session, ctx: StepContext, written: Sequence[concepts.Concept]) -> None:
    """The concepts of earlier runs stay, no longer current: their assets and posts stand on them."""
    session.execute(update(Concept).where(Concept.campaign_id == ctx.campaign_id, Concept.current).values(current=False))
    session.add_all(Concept(**_mine(ctx), **concept.row(), simulated=text_is_simulated()) for concept in written)


def text_is_simulated() -> bool:
    return get_settings().is_simulated(get_settings().openrouter_base_url)


def _mine(ctx: StepContext) -> dict[str, Any]:
    return {"org_id": ctx.org_id, "campaign_id": ctx.campaign_id}
