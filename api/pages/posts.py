"""/posts: what waits for a person, what went out, and what nobody is sure about."""

from __future__ import annotations

from itertools import groupby

from flask import request
from sqlalchemy import select

from api import effects, posts
from api.assets.schemas import AssetOut, asset_out
from api.assets.views import current_versions
from api.auth.caller import caller
from api.effects import EffectsQuery
from api.pages.frame import queried, routes, show
from api.posts import PostOut, PostsQuery
from models import Asset, Campaign
from models.session import org_session

WAITING = 200


@routes.get("/posts", endpoint="posts")
def index() -> str:
    query = queried(PostsQuery)
    waiting = posts.index(PostsQuery(state="awaiting_approval", limit=WAITING)).items
    page = posts.index(query)
    return show(
        "posts.html",
        waiting=_by_campaign(waiting),
        page=page,
        query=query,
        filtered=bool(request.args),
        pictures=_pictures(waiting + page.items),
        names=_campaign_names(waiting + page.items),
        in_doubt=effects.index(EffectsQuery(state="needs_review")).items,
    )


def _by_campaign(found: list[PostOut]) -> list[tuple[str, list[PostOut]]]:
    of = sorted((post for post in found if post.campaign_id), key=lambda post: str(post.campaign_id))
    return [(campaign, list(group)) for campaign, group in groupby(of, key=lambda post: str(post.campaign_id))]


def _campaign_names(found: list[PostOut]) -> dict[str, str]:
    wanted = {post.campaign_id for post in found if post.campaign_id}
    with org_session(caller().org_id) as session:
        rows = session.execute(select(Campaign.id, Campaign.name).where(Campaign.id.in_(wanted))).all()
    return {str(row[0]): row[1] for row in rows}


def _pictures(found: list[PostOut]) -> dict[str, AssetOut]:
    """The media of the posts, by the asset's id."""
    wanted = {asset for post in found for asset in post.asset_ids}
    with org_session(caller().org_id) as session:
        assets = list(session.execute(select(Asset).where(Asset.id.in_(wanted))).scalars())
        current = current_versions(session, assets)
    return {str(asset.id): asset_out(asset, current[asset.id]) for asset in assets}
