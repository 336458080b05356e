"""The charts of an experiment's page: Plotly figures with the rows of numbers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.experiments.results_schema import AgainstOut, LookOut, MetricOut
from api.experiments.schemas import VersionOut

Row = list[Any]


@dataclass(frozen=True)
class Chart:
    id: str
    title: str
    lead: str
    figure: dict[str, Any]
    columns: list[str]
    rows: list[Row]


def charts_of(metric: MetricOut, kind: str, versions: Sequence[VersionOut]) -> list[Chart]:
    """Those for which there is something to draw."""
    found = [_posteriors(metric)] if any(arm.curve for arm in metric.arms) else []
    found += [_bounds(metric, against) for against in metric.against if against.series]
    found += [_novelty(against) for against in metric.against if against.novelty and against.novelty.verdict != "too early"]
    return found + ([_shares(metric, versions)] if kind == "bandit" or len(versions) > 1 else [])


def _posteriors(metric: MetricOut) -> Chart:
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "fill": "tozeroy",
            "name": arm.variant,
            "x": [x for x, _ in arm.curve],
            "y": [y for _, y in arm.curve],
        }
        for arm in metric.arms
        if arm.curve
    ]
    rows: list[Row] = [
        [arm.variant, arm.units, arm.value, arm.belief.low, arm.belief.high, arm.belief.best, arm.belief.loss]
        for arm in metric.arms
        if arm.belief
    ]
    return Chart(
        "posteriors",
        f"What is believed of each variant: {metric.name}",
        "The further apart the hills, the surer the difference.",
        {"data": lines, "layout": {"yaxis": {"showticklabels": False}}},
        ["Variant", "Units", "Value", "95 % from", "95 % to", "Chance to be best", "Expected loss"],
        rows,
    )


def _bounds(metric: MetricOut, against: AgainstOut) -> Chart:
    looks = against.series
    days = [look.day + 1 for look in looks]
    lines = [
        *_band(days, looks, "always-valid", [look.anytime_z for look in looks]),
        *_planned(looks),
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "difference",
            "x": days,
            "y": [look.difference for look in looks],
            **_whisker(looks),
        },
    ]
    rows: list[Row] = [
        [
            look.day + 1, look.units, look.difference, look.difference - look.anytime_z * look.se,
            look.difference + look.anytime_z * look.se, look.anytime_p, look.planned_z,
        ]
        for look in looks
    ]  # fmt: skip
    return Chart(
        f"bounds-{against.variant}",
        f"{against.variant} against {metric.arms[0].variant}, day by day",
        "A band that leaves zero out has found a difference; both may be looked at every day.",
        {
            "data": lines,
            "layout": {"xaxis": {"tickprefix": "day ", "tick0": 1, "dtick": max(1, len(days) // 10)}, "yaxis": {"zeroline": True}},
        },
        ["Day", "Units", "Difference", "Always-valid from", "Always-valid to", "Always-valid p", "Planned look: |z| must pass"],
        rows,
    )


def _whisker(looks: Sequence[LookOut]) -> dict[str, Any]:
    """On the first day, when there is no band yet to draw."""
    return {"error_y": {"type": "data", "array": [looks[0].anytime_z * looks[0].se]}} if len(looks) == 1 else {}


def _planned(looks: Sequence[LookOut]) -> list[dict[str, Any]]:
    """The first planned looks ask for the almost impossible; a band that wide would hide everything else."""
    planned = [look for look in looks if look.planned_z is not None and look.planned_z <= 2 * look.anytime_z]
    return (
        _band([look.day + 1 for look in planned], planned, "planned looks", [look.planned_z or 0.0 for look in planned]) if planned else []
    )


def _band(days: list[int], looks: Sequence[LookOut], name: str, critical: list[float]) -> list[dict[str, Any]]:
    low = [look.difference - z * look.se for look, z in zip(looks, critical, strict=True)]
    high = [look.difference + z * look.se for look, z in zip(looks, critical, strict=True)]
    edge = {"type": "scatter", "mode": "lines", "legendgroup": name, "x": days, "line": {"width": 1}}
    return [{**edge, "name": name, "y": low, "showlegend": False}, {**edge, "name": name, "y": high, "fill": "tonexty"}]


def _novelty(against: AgainstOut) -> Chart:
    found = against.novelty
    days, differences = (found.days, found.differences) if found else ([], [])
    verdict = found.verdict if found else ""
    return Chart(
        f"novelty-{against.variant}",
        f"Does the effect of {against.variant} last?",
        f"The difference on each day after the first sight: {verdict}.",
        {
            "data": [{"type": "bar", "x": days, "y": differences, "name": "difference"}],
            "layout": {"xaxis": {"title": {"text": "days since first seen"}}},
        },
        ["Days since first seen", "Difference"],
        [[day, difference] for day, difference in zip(days, differences, strict=True)],
    )


def _shares(metric: MetricOut, versions: Sequence[VersionOut]) -> Chart:
    def at(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    names = [arm.variant for arm in metric.arms]
    lines = [
        {
            "type": "scatter", "mode": "lines", "name": name, "stackgroup": "shares", "line": {"shape": "hv"},
            "x": [at(version.at) for version in versions], "y": [version.weights[n] for version in versions],
        }
        for n, name in enumerate(names)
    ]  # fmt: skip
    return Chart(
        "shares",
        "Shares over time",
        "What part of the units each variant got.",
        {"data": lines, "layout": {"yaxis": {"range": [0, 1], "tickformat": ".0%"}}},
        ["From", *names, "Why"],
        [[at(version.at), *version.weights, version.reason] for version in versions],
    )
