"""Exposures on their way to Postgres: gathered, written once, and none lost on an orderly stop."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import text

from api.experiments.exposure_buffer import Exposure, ExposureBuffer
from core.errors import Unavailable
from models.session import dispose, engine_session
from tests.api.serving import served
from tests.people import Person

Make = Callable[..., str]
COUNT = "SELECT count(*) FROM experiment_exposures WHERE experiment_id = :e"


def written(experiment: str) -> int:
    with engine_session() as session:
        return int(session.execute(text(COUNT), {"e": experiment}).scalar_one())


@pytest.fixture
def exposure(user: Person, make_experiment: Make) -> Callable[[int], Exposure]:
    experiment = uuid.UUID(make_experiment(start=True))
    return lambda n: Exposure(user.org_id, experiment, f"u{n}", "control", 1)


def test_each_is_written_once(exposure: Callable[[int], Exposure]) -> None:
    """However often a unit is assigned, it has one exposure, at the time of the first."""
    buffer = ExposureBuffer()
    for n in (1, 2, 1, 2, 3):
        buffer.add(exposure(n))
    buffer.flush()
    buffer.add(exposure(1))
    buffer.close()
    assert written(str(exposure(1).experiment_id)) == 3


def test_what_cannot_be_written_waits(exposure: Callable[[int], Exposure], configure: Callable[..., None], database_url: str) -> None:
    """While Postgres is away nothing is dropped; it is written once it is back."""
    buffer = ExposureBuffer()
    buffer.add(exposure(1))
    dispose()
    configure(DATABASE_URL="postgresql://x@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        buffer.flush()
    dispose()
    configure(DATABASE_URL=database_url)
    buffer.flush()
    buffer.close()
    assert written(str(exposure(1).experiment_id)) == 1


def test_too_many_are_refused_rather_than_dropped(
    exposure: Callable[[int], Exposure], configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full buffer makes assignments fail loudly."""
    monkeypatch.setattr("api.experiments.exposure_buffer.MOST_WAITING", 2)
    configure(EXPOSURE_FLUSH_SECONDS="60")
    buffer = ExposureBuffer()
    buffer.add(exposure(1))
    buffer.add(exposure(2))
    with pytest.raises(Unavailable, match="Too many exposures"):
        buffer.add(exposure(3))
    buffer.close()


def test_an_orderly_stop_loses_none(user: Person, make_experiment: Make, redis_url: str, tmp_path: Path) -> None:
    """A real server that is told to stop right after its last answer has written every exposure."""
    experiment = make_experiment(start=True)
    with served(tmp_path, EXPOSURE_FLUSH_SECONDS="60") as url:
        body = {"email": user.email, "password": user.password, "organization_id": str(user.org_id)}
        token = requests.post(f"{url}/v1/auth/login", json=body, timeout=10).json()["access_token"]
        units = {"units": [{"id": f"u{n}"} for n in range(500)]}
        answer = requests.post(
            f"{url}/v1/experiments/{experiment}/assign", json=units, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        assert answer.status_code == 200
        server = psutil.Process(int((tmp_path / "api.pid").read_text().split()[0]))
        server.send_signal(signal.SIGTERM)
        server.wait(15)
    assert written(experiment) == 500
