"""Thompson sampling in batches: each variant's share is the chance that it is the best one, given what is known.

Thompson (1933); batched shares as in Scott, "A modern Bayesian look at the multi-armed bandit", 2010. With a discount the
older data count less (Raj and Kalyani, "Taming Non-stationary Bandits", 2017), so that shares follow a drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.experiments.design import Bandit, Metric
from pipelines.experiments.moments import Moments
from pipelines.experiments.posterior import Belief, Posterior, beliefs, beta, normal


@dataclass(frozen=True)
class Decision:
    """action: kept (too little data), updated, stopped. shares: of the variants from now on. explanation: for people."""

    action: str
    shares: list[float]
    beliefs: list[Belief]
    leader: int
    explanation: str


def discounted(days: Sequence[Moments], discount: float) -> Moments:
    """days: by the day of the exposure, the oldest first; each day back counts `discount` times less."""
    total = Moments()
    for age, day in enumerate(reversed(days)):
        total += day.scaled(discount**age)
    return total


def spread_of(arms: Sequence[Moments]) -> float:
    """One unit's variance within the variants, over all of them; 0 where no unit differs from its variant's others."""
    enough = [arm for arm in arms if arm.n > 1]
    units = sum(arm.n - 1 for arm in enough)
    return sum((arm.n - 1) * arm.variance for arm in enough) / units if units else 0.0


def posterior_of(metric: Metric, arm: Moments, spread: float) -> Posterior:
    """Beta for a rate, normal for a mean; below two units of data, or without any variance, something that could be anything.

    spread: of `spread_of`. It stands in where all units of a variant are alike, as when nobody bought: that says a lot of a mean.
    """
    if metric.type == "binomial":
        return beta(arm.y, arm.n)
    variance = arm.variance if arm.n >= 2 and arm.variance > 0 else spread
    if arm.n < 2 or variance <= 0:
        return normal(arm.y / arm.n if arm.n else 0.0, 1e12)
    return normal(arm.mean, variance / arm.n)


def decide(
    names: Sequence[str], metric: Metric, arms: Sequence[Moments], shares: Sequence[float], settings: Bandit, problem: str = ""
) -> Decision:
    """The next shares. arms: each variant's discounted moments. The same input always gives the same decision.

    problem: why the data mean nothing, if they do not; then the shares stay.
    """
    spread = spread_of(arms)
    believed = beliefs([posterior_of(metric, arm, spread) for arm in arms], goal=metric.goal)
    leader = max(range(len(arms)), key=lambda one: believed[one].best)
    if problem:
        return Decision("kept", list(shares), believed, leader, f"Shares stay: {problem}.")
    thin = [(name, arm.n) for name, arm in zip(names, arms, strict=True) if arm.n < settings.min_units]
    if thin:
        told = ", ".join(f"{name} has {units:.0f}" for name, units in thin)
        return Decision("kept", list(shares), believed, leader, f"Shares stay: each variant needs {settings.min_units} units; {told}.")
    if _is_settled(believed[leader], sum(arm.n for arm in arms), settings):
        return Decision("stopped", _all_to(leader, len(arms)), believed, leader, _why_stopped(names[leader], believed[leader], settings))
    new = with_minimum([one.best for one in believed], settings.minimum_share)
    return Decision("updated", new, believed, leader, _why_updated(names, shares, new, believed))


def with_minimum(shares: Sequence[float], minimum: float) -> list[float]:
    """The shares with none below the minimum; those above give in proportion to what they have over it. They sum to 1."""
    floor = min(minimum, 1 / len(shares))
    over = [max(share - floor, 0.0) for share in shares]
    rest = 1 - floor * len(shares)
    total = sum(over)
    return [floor + (rest * one / total if total else rest / len(shares)) for one in over]


def _is_settled(leader: Belief, units: float, settings: Bandit) -> bool:
    if settings.stop_loss is None or units < settings.stop_units or leader.mean == 0:
        return False
    return leader.loss / abs(leader.mean) < settings.stop_loss


def _all_to(leader: int, variants: int) -> list[float]:
    return [1.0 if one == leader else 0.0 for one in range(variants)]


def _why_stopped(name: str, belief: Belief, settings: Bandit) -> str:
    relative = belief.loss / abs(belief.mean)
    return (
        f"Stopped: {name} is the best with {belief.best:.1%}; choosing it is expected to cost {relative:.2%} of its own value, "
        f"below the {settings.stop_loss:.2%} that was asked for."
    )


def _why_updated(names: Sequence[str], before: Sequence[float], after: Sequence[float], believed: Sequence[Belief]) -> str:
    parts = [
        f"{name} {old:.0%} → {new:.0%} (best with {belief.best:.1%}, value {belief.mean:.4g})"
        for name, old, new, belief in zip(names, before, after, believed, strict=True)
    ]
    return "Shares follow the chance to be best: " + "; ".join(parts) + "."
