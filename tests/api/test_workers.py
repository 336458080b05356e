"""The list of pool processes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from models.session import engine_session
from tests.api.conftest import Api

ADD = """
INSERT INTO workers (name, pool, host, pid, slots, seen_at)
VALUES (:name, 'gpu', 'studio', 7, 1, clock_timestamp() - make_interval(secs => :silent))
"""


@pytest.fixture
def names(database_url: str) -> Iterator[list[str]]:
    """One process that has just spoken and one that fell silent, for the length of a test."""
    both = [uuid.uuid4().hex for _ in range(2)]
    with engine_session() as session:
        for name, silent in zip(both, (0, 600), strict=True):
            session.execute(text(ADD), {"name": name, "silent": silent})
    yield both
    with engine_session() as session:
        session.execute(text("DELETE FROM workers WHERE name = ANY(:names)"), {"names": both})


def test_workers_say_whether_they_are_alive(viewer: Api, names: list[str]) -> None:
    """A process that fell silent is listed as not alive."""
    listed = {worker["name"]: worker for worker in viewer.get("/v1/workers").json["items"]}
    assert [listed[name]["alive"] for name in names] == [True, False]
    assert (listed[names[0]]["pool"], listed[names[0]]["slots"], listed[names[0]]["busy"]) == ("gpu", 1, 0)
