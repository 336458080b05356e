"""/v1/posts: what went out, what waits, and what nobody is sure about."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.openapi import Routes
from api.paging import page
from api.schemas import Body, ById, Page, PageQuery, Row
from core.errors import Conflict, InvalidInput, NotFound
from models import Post
from models.session import org_session
from providers import registry

routes = Routes("posts", "/v1/posts", "Posts on social networks")

EDITABLE = ("draft", "awaiting_approval")

State = Literal["draft", "awaiting_approval", "approved", "publishing", "published", "failed", "rejected", "needs_review"]


class PostOut(Row):
    id: uuid.UUID
    campaign_id: uuid.UUID | None
    concept_id: uuid.UUID | None
    connection_id: uuid.UUID | None
    channel: str
    text: str
    asset_ids: list[Any]
    state: State
    due_at: datetime | None
    published_at: datetime | None
    url: str | None
    error: dict[str, Any] | None
    simulated: bool = Field(description="it went to the sandbox, not to a real network")
    created_at: datetime
    updated_at: datetime


class PostsQuery(PageQuery):
    campaign_id: uuid.UUID | None = None
    state: State | None = None
    channel: str | None = Field(default=None, max_length=50)


class PostChange(Body):
    text: str = Field(min_length=1, max_length=10_000)


@routes.on("GET", answers=Page[PostOut])
def index(query: PostsQuery) -> Page[PostOut]:
    """Posts, the newest first."""
    posts = select(Post).filter_by(**query.model_dump(include={"campaign_id", "state", "channel"}, exclude_none=True))
    with org_session(caller().org_id) as session:
        found, cursor = page(session, posts, Post, query)
    return Page(items=[PostOut.model_validate(post) for post in found], next_cursor=cursor)


@routes.on("GET", "/<uuid:id>", answers=PostOut)
def show(path: ById) -> PostOut:
    """One post."""
    with org_session(caller().org_id) as session:
        return PostOut.model_validate(_find(session, path.id))


@routes.on("PATCH", "/<uuid:id>", answers=PostOut)
def update(path: ById, body: PostChange) -> PostOut:
    """Rewrite a post while it waits for its approval. The network's rules are checked at once."""
    with audit.change(f"post:{path.id}", changed=["text"]) as session:
        post = _find(session, path.id, lock=True)
        if post.state not in EDITABLE:
            raise Conflict(f"The post is {post.state}; its text is fixed", hint="Only posts that wait for approval can be rewritten.")
        _check(post.channel, body.text)
        post.text = body.text
        post.updated_at = session.execute(select(func.clock_timestamp())).scalar_one()
        return PostOut.model_validate(post)


def _check(channel: str, text: str) -> None:
    faults = [{"pointer": fault.pointer, "detail": fault.detail} for fault in registry.social(channel).faults(text, [])]
    if faults:
        raise InvalidInput(f"{channel} would refuse this post: {'; '.join(f['detail'] for f in faults)}", errors=faults)


def _find(session: Session, post_id: uuid.UUID, *, lock: bool = False) -> Post:
    wanted = select(Post).where(Post.id == post_id)
    post = session.execute(wanted.with_for_update() if lock else wanted).scalar_one_or_none()
    if post is None:
        raise NotFound(f"There is no post {post_id}")
    return post
