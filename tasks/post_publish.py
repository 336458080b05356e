"""`post.publish`: one approved post, published exactly once."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict, InvalidInput, NotFound
from core.params import Params
from models import Asset, AssetVersion, Effect, Post
from pipelines.video.fit import fit
from providers import registry
from providers.contracts.social import Media
from tasks.connected_accounts import ConnectedAccount, connected_account
from tasks.new_assets import fetch_stored
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

_PUBLISHABLE = ("approved", "publishing", "published", "failed", "needs_review")  # all were approved; a second job sends nothing twice


class PostPublish(Params):
    post_id: uuid.UUID


kind = JobKind("post.publish", PostPublish, summary="Publish one approved post on its channel, exactly once.")


@kind.step(pool="cpu", share=40, deadline=1800)
def fit_media(ctx: StepContext, params: PostPublish) -> Outcome:
    """Films brought inside what the channel takes; other media as they are."""
    post = _post(ctx, params.post_id)
    largest = registry.social(post.channel).largest_video
    return {"media": [_fitted(ctx, asset, largest) for asset in post.asset_ids]}


@kind.step(pool="io", share=30, deadline=1800)
def upload(ctx: StepContext, params: PostPublish) -> Outcome:
    """Media first: invisible to the public, so it may be done again."""
    post = _post(ctx, params.post_id)
    network = registry.social(post.channel)
    media = [Media(fetch_stored(ctx, m["key"]), m["media_type"]) for m in ctx.output("fit_media")["media"]]
    if faults := network.faults(post.text, media):
        errors = [{"pointer": f.pointer, "detail": f.detail} for f in faults]
        raise InvalidInput(f"{post.channel} would refuse this post: {faults[0].detail}", errors=errors)
    account = _account(ctx, post)
    return {"media_ids": [network.upload(account.access_token, one) for one in media]}


@kind.step(pool="io", share=30, max_attempts=10)
def publish(ctx: StepContext, params: PostPublish) -> Outcome:
    post = _post(ctx, params.post_id)
    network, account, media_ids = registry.social(post.channel), _account(ctx, post), ctx.output("upload")["media_ids"]
    _set_state(ctx, post.id, "publishing")

    def send(fence: Any) -> tuple[dict[str, Any], Decimal]:
        made = network.publish(account.access_token, text=post.text, media_ids=media_ids, fence=fence)
        return {"vendor_post_id": made.vendor_post_id, "url": made.url}, made.cost

    def find(since: datetime) -> dict[str, Any] | None:
        made = network.find(account.access_token, account_id=account.account_id, text=post.text, since=since)
        return {"vendor_post_id": made.vendor_post_id, "url": made.url} if made else None

    receipt = ctx.publish(
        f"post:{post.id}:{network.vendor}:{account.account_id}",
        vendor=network.vendor,
        what=f"post to {post.channel} as @{account.name}",
        estimate=network.estimate(post.text, []),
        simulated=network.simulated,
        send=send,
        find=find,
    )
    ctx.on_done(lambda session: _published(session, post.id, receipt, network.simulated))
    return {"post_id": str(post.id), "channel": post.channel, "account": account.name, "simulated": network.simulated, **receipt}


@kind.ended
def end_post(session: Session, job: Any, state: str, error: dict[str, Any] | None) -> None:
    """A post whose job failed or was cancelled says so: failed, or in doubt where a request may have reached the network.

    The session may see every organisation, and the job may name any post: only one that this job could have published changes.
    """
    if state != "succeeded":
        post_id = job.params["post_id"]
        mine = Post.org_id == job.org_id, Post.id == post_id, Post.state.in_(_PUBLISHABLE), Post.state != "published"
        reason = error or {"code": "cancelled", "detail": "The job was cancelled"}
        left = "needs_review" if session.scalars(_unsettled(job.org_id, post_id)).first() else "failed"
        session.execute(update(Post).where(*mine).values(state=left, error=reason, updated_at=func.clock_timestamp()))


def _unsettled(org_id: uuid.UUID, post_id: str) -> Select[uuid.UUID]:
    open_ = Effect.state.in_(("intent", "needs_review")), Effect.sends > 0
    return select(Effect.id).where(Effect.org_id == org_id, Effect.key.startswith(f"post:{post_id}:"), *open_)


def _post(ctx: StepContext, post_id: uuid.UUID) -> Post:
    with ctx.session() as session:
        post = session.get(Post, post_id)
    if post is None:
        raise NotFound(f"There is no post {post_id}")
    if post.state not in _PUBLISHABLE:
        raise Conflict(f"The post is {post.state}", hint="Approve it first.")
    return post


def _account(ctx: StepContext, post: Post) -> ConnectedAccount:
    if post.connection_id is None:
        raise Conflict("The post has no account to publish as", hint=f"Connect a {post.channel} account and run the campaign again.")
    return connected_account(ctx.org_id, post.connection_id)


def _fitted(ctx: StepContext, asset_id: str, largest: tuple[int, int]) -> dict[str, str]:
    with ctx.session() as session:
        version = session.execute(
            select(AssetVersion)
            .join(Asset, Asset.id == AssetVersion.asset_id)
            .where(Asset.id == asset_id, Asset.version == AssetVersion.number)
        ).scalar()
    if version is None:
        raise NotFound(f"There is no asset {asset_id}")
    original = {"key": version.storage_key, "media_type": version.media_type}
    if not version.media_type.startswith("video/"):
        return original
    target = ctx.workdir / f"{asset_id}.mp4"
    if not fit(
        fetch_stored(ctx, version.storage_key), target, largest, run=ctx.process, progress=lambda part: ctx.progress(part, "fits the film")
    ):
        return original
    return {"key": ctx.keep(target, target.name, "video/mp4").key, "media_type": "video/mp4"}


def _set_state(ctx: StepContext, post_id: uuid.UUID, state: str) -> None:
    with ctx.session() as session:
        session.execute(
            update(Post).where(Post.id == post_id, Post.state != "published").values(state=state, updated_at=func.clock_timestamp())
        )


def _published(session: Session, post_id: uuid.UUID, receipt: dict[str, Any], simulated: bool) -> None:
    session.execute(
        update(Post)
        .where(Post.id == post_id)
        .values(
            state="published",
            vendor_post_id=receipt.get("vendor_post_id"),  # a person who settles a doubt may not know it
            url=receipt.get("url"),
            simulated=simulated,
            error=None,
            published_at=func.clock_timestamp(),
            updated_at=func.clock_timestamp(),
        )
    )
