"""/v1/campaigns/{id}/bandit: a campaign's creatives, rotated by what they bring."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.campaigns.views import find_campaign
from api.campaigns.views import routes as campaigns
from api.experiments.schemas import BanditWanted, ExperimentOut
from api.experiments.views import experiment_out
from api.openapi import Reply
from api.schemas import ById
from core.errors import Conflict
from models import Asset, Campaign, Concept, Experiment, Post
from pipelines.experiments.design import Metric, Plan
from tasks import experiment_changes


@campaigns.on("POST", "/<uuid:id>/bandit", answers=ExperimentOut, status=201)
def bandit(path: ById, body: BanditWanted) -> Reply:
    """Rotate the campaign's creatives by Thompson sampling. Nothing else needs to be set up.

    Its variants are the campaign's concepts. Coming by a post of a concept (its tracked link) is an exposure, as is an
    assignment; what the same person converts afterwards is what the concept has brought. Shares move by themselves.
    """
    experiment_id = uuid.uuid4()
    with audit.change(f"experiment:{experiment_id}", campaign=str(path.id)) as session:
        campaign = find_campaign(session, path.id, lock=True)
        _check_free(session, path.id)
        experiment = Experiment(id=experiment_id, **_columns(campaign, body), variants=_variants(session, path.id))
        session.add(experiment)
        session.flush()
        if body.start:
            experiment_changes.start(session, experiment)
        session.refresh(experiment)
        made = experiment_out(session, experiment)
    return Reply(made, 201, {"Location": f"/v1/experiments/{experiment_id}"})


def _check_free(session: Session, campaign_id: uuid.UUID) -> None:
    open_ones = select(Experiment.id).where(
        Experiment.campaign_id == campaign_id, Experiment.source == "touchpoints", Experiment.state.in_(("draft", "running"))
    )
    if found := session.execute(open_ones).scalars().first():
        raise Conflict(f"The campaign's creatives are rotated already, by experiment {found}", hint="Stop that experiment first.")


def _columns(campaign: Campaign, body: BanditWanted) -> dict[str, Any]:
    key = f"campaign-{secrets.token_hex(4)}"
    metric = Metric(
        key="conversions", name=body.event, role="primary", type="revenue" if body.revenue else "binomial", event=body.event,
        window_hours=body.window_hours,
    )  # fmt: skip
    return {
        "org_id": caller().org_id,
        "created_by": caller().user_id,
        "campaign_id": campaign.id,
        "key": key,
        "feature_key": key,
        "name": f"Creatives of {campaign.name}"[:200],
        "kind": "bandit",
        "source": "touchpoints",
        "seed": secrets.token_hex(8),
        "metrics": [metric.model_dump(mode="json")],
        "plan": Plan().model_dump(mode="json"),
        "bandit": body.bandit.model_dump(mode="json"),
    }


def _variants(session: Session, campaign_id: uuid.UUID) -> list[dict[str, Any]]:
    """A variant a concept that is current; its value is what a page needs to show it."""
    wanted = select(Concept).where(Concept.campaign_id == campaign_id, Concept.current).order_by(Concept.position)
    concepts = session.execute(wanted).scalars().all()
    if len(concepts) < 2:
        raise Conflict(
            f"The campaign has {len(concepts)} concept(s); a rotation needs at least two creatives", hint="Run the campaign first."
        )
    return [
        {"key": f"concept-{concept.position + 1}", "name": concept.title[:200], "weight": None, "value": _value(session, concept)}
        for concept in concepts
    ]


def _value(session: Session, concept: Concept) -> dict[str, Any]:
    posts = session.execute(select(Post.id).where(Post.concept_id == concept.id).order_by(Post.created_at)).scalars()
    assets = session.execute(select(Asset.id, Asset.role).where(Asset.concept_id == concept.id, Asset.deleted_at.is_(None))).all()
    return {
        "concept_id": str(concept.id),
        "title": concept.title,
        "post_ids": [str(post) for post in posts],
        "asset_ids": {role or "other": str(asset) for asset, role in assets},
    }
