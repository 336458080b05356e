"""The planner over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api


def test_units_for_an_effect_and_back(viewer: Api) -> None:
    """Each reading's units and days; the units of the fixed one find that effect again."""
    plan = viewer.post("/v1/experiment-plans", {"baseline": 0.1, "effect": 0.1, "units_per_day": 3000}).json["readings"]
    assert [one["reading"] for one in plan] == ["fixed", "planned", "anytime"]
    assert plan[0]["units"] < plan[1]["units"] < plan[2]["units"]
    assert plan[0]["days"] == 10
    back = viewer.post("/v1/experiment-plans", {"baseline": 0.1, "units": plan[0]["units"]}).json["readings"]
    assert abs(back[0]["effect"] - 0.1) < 0.005


def test_a_plan_s_faults_come_at_once(viewer: Api) -> None:
    """Neither effect nor units, and weights that do not sum; a mean without its spread."""
    answer = viewer.post("/v1/experiment-plans", {"baseline": 0.1, "weights": [0.5, 0.4]})
    assert {fault["pointer"] for fault in answer.json["errors"]} == {"/effect", "/weights"}
    spread = viewer.post("/v1/experiment-plans", {"type": "mean", "baseline": 10, "effect": 0.1})
    assert spread.json["errors"][0]["pointer"] == "/standard_deviation"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "mean", "baseline": 1e-300, "standard_deviation": 1e300, "effect": 1e-9},
        {"type": "ratio", "baseline": 1e-200, "standard_deviation": 1e-200, "effect": 1e-200},
        {"baseline": 0.1, "effect": 1e-300},
    ],
)
def test_figures_beyond_arithmetic_are_refused(viewer: Api, body: dict[str, Any]) -> None:
    """Numbers that no plan can be made of are told as such."""
    assert viewer.post("/v1/experiment-plans", body).status_code == 422
