"""A bandit's updates, by real workers: shares that follow, an end when it is clear, and a log that bears it out."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from models import Concept, Experiment, ExperimentDecision, ExperimentExposure, ExperimentVersion, Organization, Post, Schedule
from models.session import org_session
from pipelines.experiments.design import Bandit, Metric, Plan
from pipelines.experiments.moments import Moments
from pipelines.experiments.thompson import decide
from tasks import experiment_changes
from tests.tasks.conftest import Marketing

VARIANTS = [{"key": key, "name": key, "weight": None, "value": None} for key in ("plain", "bold", "bright")]
PURCHASE = Metric(key="purchase", role="primary", event="purchase")
_CONVERT = """
INSERT INTO events (org_id, occurred_at, event_id, kind, name, identity_key_id)
SELECT org_id, clock_timestamp(), 'c' || id, 'conversion', 'purchase', id FROM identity_keys
WHERE org_id = :org AND key LIKE :variant || '-%' ORDER BY key LIMIT :buyers
"""
_KNOW = """
INSERT INTO identity_keys (id, org_id, kind, key, person_id)
SELECT id, org_id, 'user', key, id
FROM (SELECT nextval('identity_keys_id_seq') AS id, CAST(:org AS uuid) AS org_id, :variant || '-' || n AS key
      FROM generate_series(1, :units) n) new
"""


def bandit(org_id: uuid.UUID, **changes: Any) -> uuid.UUID:
    """A started one; its schedule is far away."""
    experiment = Experiment(
        **{
            "id": uuid.uuid4(),
            "org_id": org_id,
            "key": uuid.uuid4().hex,
            "name": "Look of the offer",
            "kind": "bandit",
            "feature_key": "look",
            "seed": "s",
            "variants": VARIANTS,
            "metrics": [PURCHASE.model_dump()],
            "plan": Plan().model_dump(),
            "bandit": Bandit(every_minutes=1440, stop_loss=None).model_dump(),
        }
        | changes
    )
    with org_session(org_id) as session:
        session.add(experiment)
        session.flush()
        experiment_changes.start(session, experiment)
        return experiment.id


def seen(org_id: uuid.UUID, experiment: uuid.UUID, **buyers: int) -> None:
    """1,000 units of each variant, of whom so many bought."""
    with org_session(org_id) as session:
        for variant, count in buyers.items():
            values = {"org": org_id, "variant": variant, "units": 1000, "buyers": count}
            units = [
                {"org_id": org_id, "experiment_id": experiment, "unit": f"{variant}-{n + 1}", "variant": variant, "version": 1}
                for n in range(1000)
            ]
            session.execute(insert(ExperimentExposure), units)
            session.execute(text(_KNOW), values)
            session.execute(text(_CONVERT), values)


def updated(marketing: Marketing, experiment: uuid.UUID) -> dict[str, Any]:
    view = marketing.finished(marketing.submit("experiment.update", {"experiment_id": str(experiment)}))
    assert view["state"] == "succeeded", view["error"]
    return view


def test_shares_follow_what_was_learned(marketing: Marketing) -> None:
    """The better variant gets the most, none falls below the minimum, and the log can be worked out again from its inputs."""
    experiment = bandit(marketing.org_id)
    seen(marketing.org_id, experiment, plain=100, bold=120, bright=125)
    result = updated(marketing, experiment)["result"]
    assert result["action"] == "updated"
    assert result["shares"]["bright"] > result["shares"]["bold"] > result["shares"]["plain"] >= 0.05
    with org_session(marketing.org_id) as session:
        logged = session.execute(select(ExperimentDecision).where(ExperimentDecision.experiment_id == experiment)).scalar_one()
        versions = session.execute(select(ExperimentVersion.weights).where(ExperimentVersion.experiment_id == experiment)).scalars().all()
    arms = [Moments(n=one["n"], y=one["y"], yy=one["yy"]) for one in logged.inputs["arms"]]
    assert [(arm.n, arm.y) for arm in arms] == [(1000, 100), (1000, 120), (1000, 125)]
    again = decide(
        [one["variant"] for one in logged.inputs["arms"]], PURCHASE, arms, logged.inputs["shares"], Bandit(**logged.inputs["settings"])
    )
    assert (again.shares, again.explanation) == (logged.outcome["shares"], logged.explanation)
    assert len(versions) == 2
    assert versions[1] == pytest.approx(again.shares, abs=1e-4)


def test_little_data_moves_nothing(marketing: Marketing) -> None:
    """Without enough units in every variant the shares stay, and the log says what is missing."""
    experiment = bandit(marketing.org_id)
    result = updated(marketing, experiment)["result"]
    assert result["action"] == "kept"
    assert "bold has 0" in result["explanation"]


def test_it_stops_when_choosing_costs_nothing(marketing: Marketing) -> None:
    """A clear leader ends the bandit: it is the winner, and its schedule is off. Another update is refused."""
    experiment = bandit(marketing.org_id, bandit=Bandit(every_minutes=1440).model_dump())
    seen(marketing.org_id, experiment, plain=50, bold=60, bright=200)
    assert updated(marketing, experiment)["result"]["action"] == "stopped"
    with org_session(marketing.org_id) as session:
        row = session.get_one(Experiment, experiment)
        assert (row.state, row.winner) == ("stopped", "bright")
        assert session.get_one(Schedule, row.schedule_id).enabled is False
    view = marketing.finished(marketing.submit("experiment.update", {"experiment_id": str(experiment)}))
    assert (view["state"], "only a running bandit" in view["error"]["detail"]) == ("failed", True)


def test_sums_of_several_currencies_move_nothing(marketing: Marketing) -> None:
    """A variant that sells in yen is not a hundred times better: the shares stay, and the log says why."""
    revenue = PURCHASE.model_copy(update={"type": "revenue"})
    experiment = bandit(marketing.org_id, metrics=[revenue.model_dump()])
    seen(marketing.org_id, experiment, plain=100, bold=100, bright=100)
    with org_session(marketing.org_id) as session:
        worth = "UPDATE events SET value = :value, currency = :currency WHERE org_id = :org AND identity_key_id IN"
        keys = "(SELECT id FROM identity_keys WHERE org_id = :org AND key LIKE :variant || '-%')"
        for variant, value, currency in (("plain", 10, "USD"), ("bold", 11, "USD"), ("bright", 1500, "JPY")):
            session.execute(text(f"{worth} {keys}"), {"org": marketing.org_id, "variant": variant, "value": value, "currency": currency})
    result = updated(marketing, experiment)["result"]
    assert (result["action"], "JPY, USD" in result["explanation"]) == ("kept", True)


def test_a_campaign_s_touchpoints_are_exposures(marketing: Marketing) -> None:
    """Who came by a concept's post counts for that concept, and what they bought afterwards is what it has brought."""
    org_id, campaign = marketing.org_id, marketing.campaign()
    concepts = [Concept(id=uuid.uuid4(), org_id=org_id, campaign_id=campaign, position=n, title=f"Concept {n}") for n in range(2)]
    posts = [Post(id=uuid.uuid4(), org_id=org_id, campaign_id=campaign, concept_id=one.id, channel="x", text="…") for one in concepts]
    with org_session(org_id) as session:
        session.add_all(concepts)
        session.flush()
        session.add_all(posts)
    variants = [{"key": f"c{n}", "name": "", "weight": None, "value": {"concept_id": str(one.id)}} for n, one in enumerate(concepts)]
    settings = Bandit(every_minutes=1440, min_units=50, stop_loss=None).model_dump()
    experiment = bandit(org_id, campaign_id=campaign, source="touchpoints", variants=variants, bandit=settings)
    for n, buyers in enumerate((5, 40)):
        touch(org_id, posts[n].id, f"v{n}", 100, buyers)
    result = updated(marketing, experiment)["result"]
    assert result["shares"]["c1"] > 0.9
    again = updated(marketing, experiment)["result"]
    assert again["shares"] == pytest.approx(result["shares"], abs=1e-4)
    with org_session(org_id) as session:
        rows = session.execute(select(ExperimentExposure.variant).where(ExperimentExposure.experiment_id == experiment)).scalars().all()
    assert (rows.count("c0"), rows.count("c1")) == (100, 100)


def touch(org_id: uuid.UUID, post: uuid.UUID, variant: str, units: int, buyers: int) -> None:
    """So many people clicked on a post; so many of them bought a moment later."""
    click = """
    INSERT INTO events (org_id, occurred_at, event_id, kind, name, identity_key_id, post_id)
    SELECT org_id, clock_timestamp() - interval '1 millisecond', 't' || id, 'touchpoint', 'click', id, :post FROM identity_keys
    WHERE org_id = :org AND key LIKE :variant || '-%'
    """
    values = {"org": org_id, "variant": variant, "units": units, "buyers": buyers, "post": post}
    with org_session(org_id) as session:
        for statement in (_KNOW, click, _CONVERT):
            session.execute(text(statement), values)


def test_another_organisation_s_experiment_is_not_found(marketing: Marketing, make_organization: Any) -> None:
    """An update cannot reach into another organisation."""
    other: Organization = make_organization()
    experiment = bandit(other.id)
    view = marketing.finished(marketing.submit("experiment.update", {"experiment_id": str(experiment)}))
    assert (view["state"], view["error"]["code"]) == ("failed", "not_found")
