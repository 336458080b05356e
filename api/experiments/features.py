"""/api/features and /api/exposures: what GrowthBook's SDKs read, and where their tracking callback reports to. Public, by client key."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.experiments.exposure_buffer import Exposure, buffer
from api.experiments.published import by_key, document, organization_of
from api.openapi import Routes
from api.schemas import Body
from models import Experiment
from models.session import org_session
from pipelines.experiments.assignment import Split, hashed_variant
from tasks.experiment_records import latest_versions, pieces_of

routes = Routes("features", "/api/features", "Experiments for SDKs")
exposures_routes = Routes("exposures", "/api/exposures", "Exposures from SDKs")

VERSIONS = 25
CACHE = "public, max-age=10, stale-while-revalidate=60"


class ByClientKey(BaseModel):
    client_key: str = Field(max_length=200)


class Features(BaseModel):
    """The document of GrowthBook's SDKs."""

    status: int
    features: dict[str, Any]
    dateUpdated: str  # noqa: N815  (the SDKs' name)


class NewExposure(Body):
    experiment: str = Field(max_length=100, description="the experiment's key: `experiment.key` in the tracking callback")
    variant: str = Field(max_length=100, description="the variant's key: `result.key`")
    unit: str = Field(min_length=1, max_length=500, description="the unit's id: `result.hashValue`")


class NewExposures(Body):
    exposures: list[NewExposure] = Field(min_length=1, max_length=1000)


class Refused(BaseModel):
    pointer: str
    detail: str


class Taken(BaseModel):
    accepted: int
    refused: list[Refused]


@routes.on("GET", "/<client_key>", answers=Features, public=True)
def show(path: ByClientKey) -> Response:
    """The features and experiments of a client key. Sends an ETag; If-None-Match answers 304."""
    found = document(path.client_key)
    response = Response(found.body, mimetype="application/json")
    response.set_etag(found.etag)
    response.headers["Cache-Control"] = CACHE
    response.make_conditional(request)
    return response


@exposures_routes.on("POST", "/<client_key>", answers=Taken, public=True)
def create(path: ByClientKey, body: NewExposures) -> Taken:
    """Report exposures of running experiments. One that the hash does not bear out is refused; the others are kept."""
    org_id = organization_of(path.client_key)
    with org_session(org_id) as session:
        found = by_key(session, {one.experiment for one in body.exposures})
        splits = {key: _splits(session, experiment) for key, experiment in found.items()}
    refused = []
    for n, one in enumerate(body.exposures):
        if problem := _problem(one, splits):
            refused.append(Refused(pointer=f"/exposures/{n}", detail=problem))
        else:
            _note(org_id, found[one.experiment], one)
    return Taken(accepted=len(body.exposures) - len(refused), refused=refused)


def _splits(session: Session, experiment: Experiment) -> list[Split]:
    """The last versions: pages may hold an older document for a while. A bandit's are too many to look at them all."""
    variants = tuple(variant["key"] for variant in experiment.variants)
    versions = latest_versions(session, experiment.id, VERSIONS)
    return [Split(experiment.seed, variants, pieces_of(version)) for version in versions]


def _problem(one: NewExposure, splits: dict[str, list[Split]]) -> str:
    if one.experiment not in splits:
        return f"there is no running experiment {one.experiment!r}"
    if one.variant not in hashed_variant(splits[one.experiment], one.unit):
        return f"unit {one.unit!r} was never in variant {one.variant!r}"
    return ""


def _note(org_id: uuid.UUID, experiment: Experiment, one: NewExposure) -> None:
    buffer().add(Exposure(org_id, experiment.id, one.unit, one.variant, experiment.version))


def _open_to_all(response: Response) -> Response:
    """Any site may call these two: what they give is public, and no cookie counts."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match, Cache-Control"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


routes.blueprint.after_request(_open_to_all)
exposures_routes.blueprint.after_request(_open_to_all)
