"""Experiments of the test's organisation, and people who saw them and bought."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from api.experiments.exposure_buffer import buffer
from models.session import engine_session
from tests.api.conftest import (  # noqa: F401  (fixtures)
    Api,
    _no_job_outlives_its_test,
    admin,
    anonymous,
    app,
    log_in,
    make_campaign,
    member,
    stranger,
    viewer,
)
from tests.api.experiments.designs import EXPERIMENT
from tests.people import Person

Make = Callable[..., str]

_AGE = "UPDATE experiments SET started_at = started_at - make_interval(days => :days) WHERE id = :experiment"
_SHOW = """
INSERT INTO experiment_exposures (experiment_id, org_id, unit, variant, version, first_at)
SELECT e.id, e.org_id, :unit || '-' || n, :variant, :version,
       e.started_at + interval '1 minute' + (n % CAST(:days AS int)) * interval '1 day'
FROM experiments e, generate_series(1, :units) n WHERE e.id = :experiment
"""
_KNOW = """
INSERT INTO identity_keys (id, org_id, kind, key, person_id)
SELECT id, org_id, 'user', unit, id
FROM (SELECT nextval('identity_keys_id_seq') AS id, org_id, unit FROM experiment_exposures
      WHERE experiment_id = :experiment AND unit LIKE :unit || '-%') new
"""
_BUY = """
INSERT INTO events (org_id, occurred_at, event_id, kind, name, identity_key_id, value, currency)
SELECT x.org_id, x.first_at + interval '1 hour' + (k.id % 3) * interval '1 second', :event || k.id, 'conversion', :event, k.id,
       10 + k.id % 5, :currency
FROM experiment_exposures x JOIN identity_keys k ON k.org_id = x.org_id AND k.key = x.unit
WHERE x.experiment_id = :experiment AND x.unit LIKE :unit || '-%' ORDER BY x.unit LIMIT :buyers
"""
_MONTHS = "SELECT add_event_months((now() - interval '2 months')::date, (now() + interval '1 month')::date)"


@pytest.fixture
def make_experiment(admin: Api) -> Make:  # noqa: F811
    """`make_experiment(start=True, coverage=0.5)` -> the new experiment's id."""

    def make(start: bool = False, **changes: Any) -> str:
        answer = admin.post("/v1/experiments", EXPERIMENT | {"key": f"e-{uuid.uuid4().hex[:8]}"} | changes)
        assert answer.status_code == 201, answer.json
        if start:
            started = admin.post(f"/v1/experiments/{answer.json['id']}/start")
            assert started.status_code == 200, started.json
        return str(answer.json["id"])

    return make


@pytest.fixture
def seen(user: Person) -> Callable[..., None]:
    """`seen(experiment, "control", units=500, buyers=50)`: so many units saw a variant over the days, so many of them bought."""

    def see(experiment: str, variant: str, units: int, buyers: int = 0, **more: Any) -> None:
        values = {"experiment": experiment, "variant": variant, "units": units, "buyers": buyers, "unit": more.get("unit", variant)}
        values |= {"days": 7, "version": 1, "event": "purchase", "currency": "USD"} | more
        with engine_session() as session:
            session.execute(text(_SHOW), values)
            session.execute(text(_KNOW), values)
            session.execute(text(_MONTHS))
            session.execute(text(_BUY), values)

    return see


@pytest.fixture
def aged() -> Callable[[str, int], None]:
    """`aged(experiment, 7)`: it was started so many days earlier."""

    def age(experiment: str, days: int) -> None:
        with engine_session() as session:
            session.execute(text(_AGE), {"experiment": experiment, "days": days})

    return age


@pytest.fixture
def exposures() -> Callable[[str], dict[str, str]]:
    """`exposures(experiment)`: variant by unit, once what was added is written."""

    def read(experiment: str) -> dict[str, str]:
        buffer().flush()
        with engine_session() as session:
            rows = session.execute(text("SELECT unit, variant FROM experiment_exposures WHERE experiment_id = :e"), {"e": experiment})
            return {row.unit: row.variant for row in rows}

    return read


@pytest.fixture
def merge(user: Person) -> Callable[[str, str], None]:
    """`merge("a", "b")`: the two keys are one person's."""

    def together(one: str, other: str) -> None:
        find = "(SELECT person_id FROM identity_keys WHERE org_id = :org AND key = :one)"
        with engine_session() as session:
            values = {"org": user.org_id, "one": one, "other": other}
            session.execute(text(f"UPDATE identity_keys SET person_id = {find} WHERE org_id = :org AND key = :other"), values)

    return together
