"""Diminishing returns: the share of a channel's ceiling that a spend reaches, 0 to 1.

Every curve is told by `half`, the spend at which it reaches one half. Hill as in Jin et al. (2017), equation 5; logistic as
(1 - e^-λx) / (1 + e^-λx); tanh as in Google's and PyMC's models. The last two are the same curve once both are told by
`half`; both names are kept, since both are asked for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pipelines.mmm.market import Array

LOG_3 = math.log(3.0)  # tanh(ln 3 / 2) = 1/2
CURVES = ("logistic", "hill", "tanh")


def saturated(curve: str, spend: Any, half: Any, slope: Any = 1.0) -> Array:
    """The curve's height at `spend`; all arguments are broadcast. slope: of the hill; above 1 it is S-shaped."""
    relative = np.maximum(np.asarray(spend, dtype=float), 0.0) / half
    if curve == "hill":
        raised = relative**slope
        return np.asarray(raised / (1.0 + raised))
    if curve == "logistic":
        fallen = np.exp(-LOG_3 * relative)
        return np.asarray((1.0 - fallen) / (1.0 + fallen))
    return np.asarray(np.tanh(0.5 * LOG_3 * relative))


def steepness(curve: str, spend: Any, half: Any, slope: Any = 1.0) -> Array:
    """The curve's derivative by spend. Of a hill with slope below 1 it is infinite at 0; there, the value at 1e-6 · half is given."""
    spent, at = np.broadcast_arrays(np.asarray(spend, dtype=float), np.asarray(half, dtype=float))
    if curve == "hill":
        spent = np.maximum(spent, 1e-6 * at)
        height = saturated(curve, spent, at, slope)
        return np.asarray(slope * height * (1.0 - height) / spent)
    height = saturated(curve, spent, at)
    return np.asarray(0.5 * LOG_3 * (1.0 - height**2) / at)


def spend_at(curve: str, height: float, half: Any, slope: Any = 1.0) -> Array:
    """The spend at which the curve reaches `height` (0 to 1)."""
    if curve == "hill":
        return np.asarray(half * (height / (1.0 - height)) ** (1.0 / np.asarray(slope, dtype=float)))
    return np.asarray(half * math.log((1.0 + height) / (1.0 - height)) / LOG_3)
