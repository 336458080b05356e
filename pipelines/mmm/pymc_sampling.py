"""The fallback: PyMC's own NUTS on the same model."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from pipelines.mmm.design import Design
from pipelines.mmm.parameters import layout_of
from pipelines.mmm.pymc_model import pymc_model
from pipelines.mmm.sampling import ASK_SECONDS, Stopped, Tell, Trace, cut_short
from pipelines.mmm.specification import Sampling


def drawn_by_pymc(design: Design, sampling: Sampling, tell: Tell) -> Trace:
    """As `sampling.drawn`; one chain after the other in this process, since a worker's child may start no others.

    PyMC runs in a thread of its own, as it cannot be asked anything while it compiles. A stop leaves it behind: it ends at
    its next draw.
    """
    run = _Run(design, sampling)
    with_pymc = ThreadPoolExecutor(1)
    coming = with_pymc.submit(run.sampled)
    try:
        _watched(coming, run, tell)
    except BaseException as stopped:
        run.stopped = True
        raise Stopped(design, run.partial()) from stopped
    finally:
        with_pymc.shutdown(wait=False)
    return coming.result()


def _watched(coming: Future[Trace], run: _Run, tell: Tell) -> None:
    while not wait([coming], timeout=ASK_SECONDS).done:
        tell(run.done / run.whole, f"draw {run.done:,} of {run.whole:,}" if run.done else "compiles the model with PyMC")


# PyTensor's settings are the whole process's: of two that compile at once, one leaves the other without its C compiler.
_compiler = threading.Lock()


class _Left(Exception):
    """Nobody waits for the draws any more."""


class _Run:
    """One run of PyMC. Every draw is copied as it comes, so that a stopped run has what there was."""

    def __init__(self, design: Design, sampling: Sampling) -> None:
        self._design, self._sampling = design, sampling
        self._blocks = [name for name, (_, length) in layout_of(design).blocks.items() if length]
        self._kept: list[list[Any]] = [[] for _ in range(sampling.chains)]
        self._begun = time.monotonic()
        self.whole = sampling.chains * (sampling.tune + sampling.draws)
        self.done = 0
        self.stopped = False

    def sampled(self) -> Trace:
        with _compiler:
            return self._sampled()

    def _sampled(self) -> Trace:
        import pymc as pm
        import pytensor.configdefaults

        if self.stopped:
            raise _Left
        # Without a C compiler PyTensor would evaluate the model in plain Python, at a hundredth of the speed.
        compiled_by = {} if pytensor.configdefaults.config.cxx else {"compile_kwargs": {"mode": "NUMBA"}}
        with pymc_model(self._design):
            result = pm.sample(
                draws=self._sampling.draws,
                tune=self._sampling.tune,
                chains=self._sampling.chains,
                cores=1,
                random_seed=self._sampling.seed,
                progressbar=False,
                compute_convergence_checks=False,
                callback=self._keep,
                **compiled_by,
            )
        z = np.concatenate([result.posterior[name].values for name in self._blocks], axis=2)
        return Trace(z, result.sample_stats["diverging"].values, "pymc", time.monotonic() - self._begun)

    def _keep(self, trace: Any, draw: Any) -> None:
        if self.stopped:
            raise _Left
        self.done += 1
        if not draw.tuning:
            self._kept[draw.chain].append(np.concatenate([np.atleast_1d(draw.point[name]).ravel() for name in self._blocks]))

    def partial(self) -> Trace | None:
        return cut_short([np.array(draws) for draws in self._kept if draws], "pymc", time.monotonic() - self._begun, tuned=True)
