"""Attribution by removal effects of a Markov chain (Anderl, Becker, von Wangenheim and Schumann, 2016)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.analytics.attribution.paths import Credit, Figures, Numbers, Paths

ORDERS = range(1, 5)


@dataclass(frozen=True)
class Chain:
    """Transient states are the last `order` steps of a path; they end in a conversion or in nothing.

    inner: [K, K] sparse, probabilities from state to state. begin: [K] of the first state. convert: [K] to a conversion.
    earn: [K] expected revenue of the conversion out of a state. last: [K] the player of each state's last step.
    """

    inner: Any
    begin: Figures
    convert: Figures
    earn: Figures
    last: Numbers


def markov(paths: Paths, order: int = 1) -> Credit:
    """Each player by its removal effect: the share of conversions that are lost when every walk that reaches it ends in nothing.

    Effects are scaled to sum to one; those of revenue are of the expected revenue. People who did not convert count.
    """
    if not len(paths.conversions):
        return Credit(np.zeros(len(paths.players)), np.zeros(len(paths.players)))
    chain = chain_of(paths, order)
    whole = np.array(_expected(chain, None))
    left = np.array([_expected(chain, player) for player in range(len(paths.players))]).reshape(-1, 2)
    effects = np.divide(whole - left, whole, out=np.zeros_like(left), where=whole > 0).clip(0.0)
    shares = np.divide(effects, effects.sum(axis=0), out=np.zeros_like(effects), where=effects.sum(axis=0) > 0)
    return Credit(shares[:, 0] * paths.conversions.sum(), shares[:, 1] * paths.revenue.sum())


def chain_of(paths: Paths, order: int) -> Chain:
    """The chain that the paths were walked by, repeats kept. Raises ValueError for an order outside 1..4."""
    from scipy.sparse import csr_matrix

    if order not in ORDERS:
        raise ValueError(f"the order must be 1 to 4, not {order}")
    states, last = _states(paths, order)
    walked = paths.conversions + paths.losses
    count, weight = len(last), walked[paths.owners]
    inside = np.ones(len(states), dtype=bool)
    inside[paths.starts[:-1]] = False  # a path's first step has none before it
    arrived = np.flatnonzero(inside)
    leaving = np.bincount(states, weight, minlength=count)
    moves = csr_matrix((weight[arrived] / leaving[states[arrived - 1]], (states[arrived - 1], states[arrived])), shape=(count, count))
    ends = states[paths.starts[1:] - 1]
    begin = np.bincount(states[paths.starts[:-1]], walked, minlength=count) / walked.sum()
    convert = np.bincount(ends, paths.conversions, minlength=count) / leaving
    return Chain(moves, begin, convert, np.bincount(ends, paths.revenue, minlength=count) / leaving, last)


def _states(paths: Paths, order: int) -> tuple[Numbers, Numbers]:
    """For every step the number of its state, and for every state its last player. Before a path's first step there is none (0)."""
    width = len(paths.players) + 1
    position = np.arange(len(paths.steps)) - paths.starts[paths.owners]
    code = np.zeros(len(paths.steps), dtype=np.int64)
    for back in range(order - 1, -1, -1):
        step = np.where(position >= back, np.roll(paths.steps, back) + 1, 0)
        code = np.unique(code * width + step, return_inverse=True)[1]  # small numbers again, so that no order overflows
    last = np.zeros(int(code.max(initial=-1)) + 1, dtype=np.int64)
    last[code] = paths.steps
    return code, last


def _expected(chain: Chain, removed: int | None) -> tuple[float, float]:
    """Conversions and revenue of one walk; with a player removed, a walk that reaches it ends in nothing.

    Visits v solve v = begin + v Q; what comes of them is v · convert and v · earn.
    """
    from scipy.sparse import diags, identity
    from scipy.sparse.linalg import spsolve

    stays = (chain.last != removed).astype(float) if removed is not None else np.ones(len(chain.last))
    reachable = chain.inner @ diags(stays)
    visits = np.atleast_1d(spsolve((identity(len(stays), format="csc") - reachable.T).tocsc(), chain.begin * stays))
    return float(visits @ chain.convert), float(visits @ chain.earn)
