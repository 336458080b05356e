"""What a plan of spend would bring, draw by draw, after the history the model has seen.

A plan counts what its own spend brings, also after its end, on top of what the history still carries over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipelines.mmm.adstock import delayed_weights, geometric_weights, lagged
from pipelines.mmm.effects import recent_spend
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import Posterior
from pipelines.mmm.saturation import saturated, steepness

MOST_DRAWS = 400
MOST_NUMBERS = 2_000_000  # in one array of a response, of which there are half a dozen at once


@dataclass(frozen=True)
class Planner:
    """D draws of G geos and C channels, all that plans need of a fit; small enough to be kept in a row.

    split: [G, C], how a channel's spend is divided over geos. past: [G, L - 1, C], spend of the last periods. highest, recent:
    [C], a period's highest and recent average spend, all geos together.
    """

    channels: tuple[str, ...]
    saturation: str
    adstock: str
    lag_count: int
    ceiling: Array  # [D, G, C]
    carryover: Array  # [D, C]
    delay: Array
    half: Array
    slope: Array
    spend_scale: Array  # [G, C]
    split: Array
    past: Array
    highest: Array
    recent: Array

    def response(self, pattern: Array) -> Response:
        """How the outcome answers to spend `x[c] · pattern[t, c]` in the next H periods; pattern: [H, C]."""
        weights = self._weights()  # [D, C, L]
        after = self.lag_count - 1
        unit = np.moveaxis(pattern[None] * (self.split / self.spend_scale)[:, None, :], 2, 0)  # [C, G, H]
        planned = np.concatenate([unit, np.zeros((*unit.shape[:2], after))], axis=2)
        carried = np.moveaxis(self.past / self.spend_scale[:, None, :], 2, 0)  # [C, G, L - 1]
        none, nothing_before = np.zeros_like(planned), np.zeros_like(carried)
        by_plan = np.einsum("cgtl,dcl->dcgt", lagged(planned, nothing_before, self.lag_count), weights, optimize=True)
        by_past = np.einsum("cgtl,dcl->dcgt", lagged(none, carried, self.lag_count), weights, optimize=True)
        return Response(self, pattern.sum(axis=0), by_plan, by_past)

    def parts(self, periods: int) -> Iterator[Planner]:
        """The same draws in turns, so few at a time that plans over many periods, geos and channels fit into memory."""
        one = self.split.size * (periods + self.lag_count)
        step = max(1, MOST_NUMBERS // one)
        for start in range(0, len(self.ceiling), step):
            yield replace(self, **{name: getattr(self, name)[start : start + step] for name in _BY_DRAW})

    def _weights(self) -> Array:
        if self.adstock == "delayed":
            return delayed_weights(self.carryover, self.delay, self.lag_count)
        return geometric_weights(self.carryover, self.lag_count)

    def as_dict(self) -> dict[str, Any]:
        """As JSON, with seven digits."""
        words = {name: getattr(self, name) for name in ("channels", "saturation", "adstock", "lag_count")}
        return {**words, **{name: _rounded(getattr(self, name)) for name in _ARRAYS}}


_BY_DRAW = ("ceiling", "carryover", "delay", "half", "slope")
_ARRAYS = (*_BY_DRAW, "spend_scale", "split", "past", "highest", "recent")


def _rounded(values: Array) -> Any:
    digits = 6 - np.floor(np.log10(np.maximum(np.abs(values), 1e-12))).astype(int)
    return np.vectorize(round, otypes=[float])(values, digits).tolist()


@dataclass(frozen=True)
class Response:
    """spend: [C], of one unit of x. by_plan, by_past: stocks [D, C, G, T]."""

    planner: Planner
    spend: Array
    by_plan: Array
    by_past: Array

    def outcome(self, x: Array) -> Array:
        """What the plan's spend brings, by draw and channel: [D, C]."""
        reached = self._curve(saturated, x) - self._curve(saturated, np.zeros_like(x))
        return np.asarray(np.einsum("dgc,dcgt->dc", self.planner.ceiling, reached))

    def slope(self, x: Array) -> Array:
        """The outcome's derivative by x: [D, C]."""
        return np.asarray(np.einsum("dgc,dcgt->dc", self.planner.ceiling, self._curve(steepness, x) * self.by_plan))

    def _curve(self, curve: Any, x: Array) -> Array:
        stocks = self.by_past + self.by_plan * np.asarray(x, dtype=float)[None, :, None, None]
        half, slope = self.planner.half[:, :, None, None], self.planner.slope[:, :, None, None]
        return np.asarray(curve(self.planner.saturation, stocks, half, slope))


def planner_of(posterior: Posterior, heights: Array) -> Planner:
    """At most MOST_DRAWS draws, evenly taken."""
    design = posterior.design
    market = design.market
    chosen = np.unique(np.linspace(0, len(posterior.z) - 1, MOST_DRAWS).astype(int))
    together = market.spend.sum(axis=0)
    past = np.zeros((len(market.geos), design.lag_count - 1, len(market.channels)))
    if design.lag_count > 1:
        kept = market.spend[:, -(design.lag_count - 1) :]
        past[:, -kept.shape[1] :] = kept
    return Planner(
        channels=market.channels,
        saturation=design.model.saturation,
        adstock=design.model.adstock,
        lag_count=design.lag_count,
        ceiling=posterior.ceilings(heights)[chosen],
        carryover=posterior.carryover[chosen],
        delay=posterior.delay[chosen],
        half=posterior.half[chosen],
        slope=posterior.slope[chosen],
        spend_scale=design.spend_scale,
        split=market.spend.sum(axis=1) / market.spend.sum(axis=(0, 1)),
        past=past,
        highest=together.max(axis=0),
        recent=recent_spend(together, market.period_days),
    )


def from_dict(stored: Mapping[str, Any]) -> Planner:
    """A planner as `Planner.as_dict` wrote it."""
    arrays: dict[str, Any] = {name: np.asarray(stored[name], dtype=float) for name in _ARRAYS}
    words = {"saturation": stored["saturation"], "adstock": stored["adstock"], "lag_count": stored["lag_count"]}
    return Planner(channels=tuple(stored["channels"]), **words, **arrays)
