"""GrowthBook's own SDK, pointed at a server of ours over real sockets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from growthbook import GrowthBook
from growthbook.growthbook import feature_repo

from api.experiments import published
from tests.api.conftest import Api
from tests.api.serving import served

Make = Callable[..., str]
PEOPLE = [{"id": f"person-{n}", "country": ("NL", "BE", "FR")[n % 3], "age": n % 80} for n in range(150)]


@pytest.fixture(scope="module")
def server(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("api")) as url:
        yield url


@pytest.fixture
def key(admin: Api) -> str:
    return str(admin.post("/v1/client-keys", {"name": "Shop"}).json["key"])


class Shop:
    """What a site does with the SDK: its people, what they were shown, and the exposures that were tracked."""

    def __init__(self, server: str, key: str) -> None:
        self.tracked: list[dict[str, str]] = []
        feature_repo.clear_cache()
        self._options: dict[str, Any] = {"api_host": server, "client_key": key, "on_experiment_viewed": self._track}

    def shown(self, feature: str, person: dict[str, Any]) -> Any:
        book = GrowthBook(attributes=person, **self._options)
        book.load_features()
        return book.eval_feature(feature)

    def _track(self, experiment: Any, result: Any, **_: Any) -> None:
        self.tracked.append({"experiment": experiment.key, "variant": result.key, "unit": result.hashValue})


def test_it_shows_what_we_assign(admin: Api, make_experiment: Make, server: str, key: str) -> None:
    """Feature by feature and person by person: namespaces, holdouts, coverage, conditions and a change of weights."""
    groups = [{"key": "out", "weight": 0.3}, {"key": "rest", "weight": 0.7}]
    three = [{"key": name, "weight": 1 / 3, "value": {"size": n}} for n, name in enumerate("abc")]
    holdout = make_experiment(start=True, kind="holdout", variants=groups)
    space = {"namespace": {"id": "checkout", "share": 0.7}}
    designs: list[dict[str, Any]] = [
        {},
        {"coverage": 0.5, "condition": {"country": {"$in": ["NL", "BE"]}, "age": {"$gte": 18}}},
        space,
        {"holdout_id": holdout, "condition": {"$not": {"country": "FR"}}},
    ]
    made = [make_experiment(start=True, variants=three, **design) for design in designs]
    admin.patch(f"/v1/experiments/{made[0]}", {"weights": [0.2, 0.5, 0.3]})
    shop = Shop(server, key)
    for experiment in made:
        feature = admin.get(f"/v1/experiments/{experiment}").json["feature_key"]
        ours = admin.post(f"/v1/experiments/{experiment}/assign", {"units": PEOPLE, "record": False}).json["assignments"]
        theirs = [shop.shown(feature, person) for person in PEOPLE]
        assert [one.value for one in theirs] == [one["value"] for one in ours]
        assert [bool(one.experimentResult and one.experimentResult.inExperiment) for one in theirs] == [
            one["in_experiment"] for one in ours
        ]
        assert {one["variant"] for one in ours} >= {"a", "b", "c"}


def test_what_it_tracks_is_taken(admin: Api, anonymous: Api, make_experiment: Make, server: str, key: str) -> None:
    """The tracking callback's words are exposures that the hash bears out, each unit once in its variant."""
    experiment = make_experiment(start=True, feature_key="button")
    shop = Shop(server, key)
    for person in PEOPLE[:40]:
        shop.shown("button", person)
    assert len(shop.tracked) == 40
    answer = anonymous.post(f"/api/exposures/{key}", {"exposures": shop.tracked}).json
    assert answer == {"accepted": 40, "refused": []}
    ours = admin.post(f"/v1/experiments/{experiment}/assign", {"units": PEOPLE[:40], "record": False}).json["assignments"]
    assert [one["variant"] for one in shop.tracked] == [one["variant"] for one in ours]


def test_after_the_stop_everybody_gets_the_winner(admin: Api, make_experiment: Make, server: str, key: str) -> None:
    """No rule is left: the feature's default is the winner's value."""
    path = f"/v1/experiments/{make_experiment(start=True, feature_key='button')}"
    admin.post(f"{path}/stop", {"winner": "large"})
    shop = Shop(server, key)
    assert {str(shop.shown("button", person).value) for person in PEOPLE[:10]} == {"{'size': 2}"}
    assert shop.tracked == []


def test_all_units_in_one_variant_are_no_mistake(admin: Api, make_experiment: Make, server: str, key: str) -> None:
    """With shares of 0 and 1 the SDK shows everybody the one variant; while paused it shows the control."""
    experiment = make_experiment(start=True, feature_key="button", variants=[{"key": "a", "weight": 0}, {"key": "b", "weight": 1}])
    shop = Shop(server, key)
    assert {shop.shown("button", person).value for person in PEOPLE[:10]} == {"b"}
    admin.patch(f"/v1/experiments/{experiment}", {"coverage": 0})
    time.sleep(published.FRESH_SECONDS)
    found = [Shop(server, key).shown("button", person) for person in PEOPLE[:3]]
    assert {(one.value, bool(one.experimentResult and one.experimentResult.inExperiment)) for one in found} == {("a", False)}
