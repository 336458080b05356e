"""A campaign with its brand, competitors, brief, concepts, assets and posts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.assets.schemas import asset_out
from api.assets.views import current_versions
from api.campaigns.schemas import BrandOut, BriefOut, CampaignDetail, CampaignOut, CompetitorOut, ConceptOut
from api.posts import PostOut
from models import Asset, Brand, Brief, Campaign, Competitor, Concept, Post

MOST = 200  # assets and posts shown; the rest is at /v1/assets and /v1/posts


def detail(session: Session, campaign: Campaign, plain: CampaignOut) -> CampaignDetail:
    """Everything that belongs to the campaign, in one answer."""
    brand, brief = _one(session, Brand, campaign), _one(session, Brief, campaign)
    competitors = select(Competitor).where(Competitor.campaign_id == campaign.id).order_by(Competitor.name)
    concepts = select(Concept).where(Concept.campaign_id == campaign.id, Concept.current).order_by(Concept.position)
    posts = select(Post).where(Post.campaign_id == campaign.id).order_by(Post.created_at.desc(), Post.id).limit(MOST)
    shown = Asset.campaign_id == campaign.id, Asset.deleted_at.is_(None)
    assets = list(session.execute(select(Asset).where(*shown).order_by(Asset.created_at.desc(), Asset.id).limit(MOST)).scalars())
    current = current_versions(session, assets)
    return CampaignDetail(
        **plain.model_dump(),
        brand=brand and BrandOut.model_validate(brand),
        competitors=[CompetitorOut.model_validate(row) for row in session.execute(competitors).scalars()],
        brief=brief and BriefOut.model_validate(brief),
        concepts=[ConceptOut.model_validate(row) for row in session.execute(concepts).scalars()],
        assets=[asset_out(asset, current[asset.id]) for asset in assets],
        posts=[PostOut.model_validate(row) for row in session.execute(posts).scalars()],
    )


def _one(session: Session, table: Any, campaign: Campaign) -> Any:
    return session.execute(select(table).where(table.campaign_id == campaign.id)).scalar_one_or_none()
