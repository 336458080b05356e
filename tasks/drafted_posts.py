"""A run's posts between being written and being published."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.errors import ConnectionExpired
from models import Asset, Connection, Post
from pipelines.publishing.drafts import drafts, link_of
from tasks.campaign_records import campaign_of, concepts_of
from tasks.campaign_writing import text_is_simulated
from worker.context import StepContext

_OPEN = ("draft", "awaiting_approval", "approved")


def draft(ctx: StepContext, *, awaiting: bool) -> int:
    """Write a post for each concept and channel; how many. May run twice: a post of this run that is not out yet is written anew."""
    campaign = campaign_of(ctx)
    link = link_of(campaign.domain)
    written = [
        {"concept_id": concept_id, **one.row()}
        for concept_id, concept in concepts_of(ctx)
        for one in drafts(concept, channels=campaign.channels, link=link, assets=_assets_by_role(ctx, concept_id))
    ]
    with ctx.session() as session:
        for values in written:
            _upsert(session, ctx, values, "awaiting_approval" if awaiting else "approved")
    return len(written)


def decide(ctx: StepContext, resolution: dict[str, Any]) -> dict[str, Any]:
    """Apply a person's approval `{"approve": bool, "post_ids": [...] | None}` to this run's posts."""
    named = resolution.get("post_ids")
    yes = bool(resolution.get("approve")) and not resolution.get("timed_out")
    with ctx.session() as session:
        waiting = session.scalars(select(Post).where(Post.run == ctx.job_id, Post.state == "awaiting_approval")).all()
        for post in waiting:
            chosen = yes and (named is None or str(post.id) in named)
            post.state = "approved" if chosen else "rejected"
        approved = sum(post.state == "approved" for post in waiting)
    return {"approved": approved, "rejected": len(waiting) - approved, "by": resolution.get("user_id"), "note": resolution.get("note")}


def connect_approved(ctx: StepContext) -> list[str]:
    """Give each approved post of this run its channel's account; their ids. Raises ConnectionExpired where no account is connected."""
    with ctx.session() as session:
        posts = session.scalars(
            select(Post).where(Post.run == ctx.job_id, Post.state == "approved").order_by(Post.created_at, Post.id)
        ).all()
        for post in posts:
            post.connection_id = _account(session, post.channel)
        return [str(post.id) for post in posts]


def fail_open(session: Session, org_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Posts of this run that are not out yet, as failed."""
    error = {"code": "run_ended", "detail": "The campaign's run ended before this post was published"}
    session.execute(
        update(Post).where(Post.org_id == org_id, Post.run == str(job_id), Post.state.in_(_OPEN)).values(state="failed", error=error)
    )


def _account(session: Session, channel: str) -> uuid.UUID:
    newest = select(Connection.id).where(Connection.vendor == channel, Connection.state == "active").order_by(Connection.created_at.desc())
    found = session.scalars(newest).first()
    if found is None:
        raise ConnectionExpired(
            f"No {channel} account is connected", vendor=channel, hint="Connect one under Connections; the job goes on by itself."
        )
    return found


def _assets_by_role(ctx: StepContext, concept_id: uuid.UUID) -> dict[str, str]:
    """The concept's newest asset of each role."""
    with ctx.session() as session:
        rows = session.execute(
            select(Asset.role, Asset.id).where(Asset.concept_id == concept_id, Asset.deleted_at.is_(None)).order_by(Asset.created_at)
        )
        return {role: str(asset_id) for role, asset_id in rows if role}


def _upsert(session: Session, ctx: StepContext, values: dict[str, Any], state: str) -> None:
    row = {"id": uuid.uuid4(), "org_id": ctx.org_id, "campaign_id": ctx.campaign_id, "run": ctx.job_id, "state": state, **values}
    statement = insert(Post).values(**row, simulated=text_is_simulated())
    changed = {"text": row["text"], "asset_ids": row["asset_ids"], "state": state, "error": None, "updated_at": func.clock_timestamp()}
    changed["connection_id"] = None  # only an approved post has an account: see connect_approved
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["campaign_id", "concept_id", "channel", "run"],
            set_=changed,
            where=Post.state.not_in(("publishing", "published", "needs_review")),
        )
    )
