"""A fit and a plan as charts: Plotly figures without colours of their own, each with the numbers behind it as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

Figure = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """figure: `{"data", "layout"}` of Plotly's. columns and rows: the numbers."""

    id: str
    title: str
    lead: str
    figure: Figure
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def fit_charts(results: Mapping[str, Any]) -> list[Chart]:
    """Prediction, contributions, ROAS, and a response curve a channel."""
    return [_prediction(results), _contributions(results), _roas(results), _curves(results)]


def _band(x: Sequence[Any], low: Sequence[float], high: Sequence[float], name: str, **more: Any) -> list[Figure]:
    """Two lines with the space between them filled."""
    edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, **more}
    return [{**edge, "x": list(x), "y": list(low)}, {**edge, "x": list(x), "y": list(high), "fill": "tonexty", "name": name}]


def _prediction(results: Mapping[str, Any]) -> Chart:
    said, dates = results["prediction"], results["dates"]
    data = [
        *_band(dates, said["low"], said["high"], "90 % interval"),
        {"type": "scatter", "mode": "lines", "name": "predicted", "x": dates, "y": said["mean"]},
        {"type": "scatter", "mode": "markers", "name": "actual", "x": dates, "y": results["actual"], "marker": {"size": 4}},
    ]
    rows = tuple(zip(dates, results["actual"], said["mean"], said["low"], said["high"], strict=True))
    lead = f"{results['outcome'].capitalize()} a {results['period']}: nine in ten points should lie inside the band."
    layout = {"yaxis": {"title": {"text": _unit(results)}}, "hovermode": "x unified"}
    return Chart(
        "mmm-fit", "Predicted and actual", lead, {"data": data, "layout": layout}, ("date", "actual", "predicted", "low", "high"), rows
    )


def _contributions(results: Mapping[str, Any]) -> Chart:
    dates, parts = results["dates"], results["parts"]
    others = [part for part in parts if part["kind"] == "other"]
    base = [sum(values) for values in zip(*(part["mean"] for part in others), strict=True)]
    channels = [part for part in parts if part["kind"] == "channel"]
    data: list[Figure] = [{"type": "bar", "name": "without media", "x": dates, "y": base}]
    data += [{"type": "bar", "name": part["name"], "x": dates, "y": part["mean"]} for part in channels]
    columns = ("date", *(part["name"] for part in parts), "sum")
    rows = tuple((day, *(part["mean"][n] for part in parts), sum(part["mean"][n] for part in parts)) for n, day in enumerate(dates))
    layout = {"barmode": "relative", "bargap": 0, "yaxis": {"title": {"text": _unit(results)}}}
    lead = f"What each {results['period']} is made of; the parts sum to the prediction."
    return Chart("mmm-contributions", "Contributions", lead, {"data": data, "layout": layout}, columns, rows)


def _roas(results: Mapping[str, Any]) -> Chart:
    channels = results["channels"]
    names = [entry["name"] for entry in channels]
    data: list[Figure] = [
        {"type": "bar", "name": label, "x": names, "y": [entry[key]["mean"] for entry in channels], "error_y": _whiskers(channels, key)}
        for key, label in (("roas", "ROAS"), ("marginal_roas", "ROAS of the next unit"))
    ]
    believed = [entry["prior_roas"]["median"] for entry in channels]
    mark = {"symbol": "line-ew-open", "size": 18}
    data.append({"type": "scatter", "mode": "markers", "name": "believed before", "x": names, "y": believed, "marker": mark})
    columns = ("channel", "spend", "brought", "ROAS", "low", "high", "next unit", "low (next)", "high (next)", "saturates at", "spent now")
    rows = tuple(_roas_row(entry) for entry in channels)
    lead = f"{results['outcome'].capitalize()} for each unit of spend, with 90 % intervals; the next unit decides where more money goes."
    layout = {"barmode": "group", "yaxis": {"title": {"text": "ROAS"}}}
    return Chart("mmm-roas", "Return on spend", lead, {"data": data, "layout": layout}, columns, rows)


def _roas_row(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    whole, following = (tuple(entry[key][end] for end in ("mean", "low", "high")) for key in ("roas", "marginal_roas"))
    brought, saturates = entry["contribution"]["mean"], entry["saturation_point"]["median"]
    return (entry["name"], entry["spend"], brought, *whole, *following, saturates, entry["current_spend"])


def _whiskers(channels: Sequence[Mapping[str, Any]], key: str) -> Figure:
    found = [entry[key] for entry in channels]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, one["high"] - one["mean"]) for one in found],
        "arrayminus": [max(0.0, one["mean"] - one["low"]) for one in found],
    }


def _curves(results: Mapping[str, Any]) -> Chart:
    """A row of small charts that share nothing but their form: channels spend at different scales."""
    data: list[Figure] = []
    layout: Figure = {
        "grid": {"rows": -(-len(results["curves"]) // 2), "columns": 2, "pattern": "independent"},
        "showlegend": False,
        "annotations": [],
    }
    rows: list[tuple[Any, ...]] = []
    for n, (curve, entry) in enumerate(zip(results["curves"], results["channels"], strict=True), start=1):
        axis = "" if n == 1 else str(n)
        there = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
        data += _band(curve["spend"], curve["low"], curve["high"], curve["channel"], **there)
        data.append({"type": "scatter", "mode": "lines", "name": curve["channel"], "x": curve["spend"], "y": curve["mean"], **there})
        now = entry["current_spend"]
        data.append(
            {"type": "scatter", "mode": "markers", "name": "now", "x": [now], "y": [_at(curve, now)], "marker": {"size": 9}, **there}
        )
        layout[f"xaxis{axis}"] = {"title": {"text": f"{curve['channel']}, spend a {results['period']}"}}
        rows += [(curve["channel"], *point) for point in zip(curve["spend"], curve["mean"], curve["low"], curve["high"], strict=True)]
    lead = (
        f"{results['outcome'].capitalize()} a {results['period']} at steady spend; the dot is what is spent now. "
        "Beyond the highest spend seen it is a guess."
    )
    return Chart(
        "mmm-curves", "Response curves", lead, {"data": data, "layout": layout}, ("channel", "spend", "mean", "low", "high"), tuple(rows)
    )


def _at(curve: Mapping[str, Any], spend: float) -> float:
    """The curve's mean at a spend, between its points."""
    points: list[tuple[float, float]] = list(zip(curve["spend"], curve["mean"], strict=True))
    for (x0, y0), (x1, y1) in pairwise(points):
        if spend <= x1:
            return float(y0 + (y1 - y0) * (spend - x0) / (x1 - x0)) if x1 > x0 else float(y0)
    return float(points[-1][1])


def plan_charts(plan: Mapping[str, Any], period: str) -> list[Chart]:
    """Spend before and after."""
    names = [entry["name"] for entry in plan["channels"]]
    data = [{"type": "bar", "name": when, "x": names, "y": [entry[when] for entry in plan["channels"]]} for when in ("before", "after")]
    columns = ("channel", "before", "after", "brings before", "brings after", "low", "high", "ROAS of the next unit")
    rows = tuple(
        (
            entry["name"], entry["before"], entry["after"], entry["outcome_before"]["mean"], entry["outcome_after"]["mean"],
            entry["outcome_after"]["low"], entry["outcome_after"]["high"], entry["marginal_roas"],
        )
        for entry in plan["channels"]
    )  # fmt: skip
    lead = f"The same money over {plan['periods']} {period}s, as it is split now and as it would bring most."
    layout = {"barmode": "group", "yaxis": {"title": {"text": "spend"}}}
    return [Chart("mmm-plan", "Budget before and after", lead, {"data": data, "layout": layout}, columns, rows)]


def _unit(results: Mapping[str, Any]) -> str:
    return f"{results['outcome']}, {results['currency']}" if results["outcome"] == "revenue" else str(results["outcome"])
