"""Draws from the posterior: nutpie on the compiled density, or PyMC's own NUTS where nutpie is not installed.

Both leave the same: draws of z, chain by chain. Chains run in threads of this process, so it works in a worker's forked
child, where starting processes is not allowed. The caller is asked several times a second whether to go on.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.mmm.density import Density, density_of
from pipelines.mmm.design import Design
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import layout_of
from pipelines.mmm.specification import Sampling

Tell = Callable[[float, str], None]
ASK_SECONDS = 0.25
WARM_TUNE = 0.5  # part of the tuning that a start from an earlier trace needs


@dataclass(frozen=True)
class Trace:
    """z: [chains, draws, size]; diverging: [chains, draws]; sampler: which one. tuned: whether these are draws after the tuning."""

    z: Array
    diverging: np.ndarray[Any, np.dtype[np.bool_]]
    sampler: str
    seconds: float
    tuned: bool = True

    @property
    def pooled(self) -> Array:
        """[chains · draws, size]."""
        return self.z.reshape(-1, self.z.shape[2])


class Stopped(Exception):
    """Raised in place of what `tell` raised, which is its cause, with the draws that there are; None before the first."""

    def __init__(self, design: Design, trace: Trace | None) -> None:
        super().__init__("the sampler was stopped")
        self.design = design
        self.trace = trace


def drawn(design: Design, sampling: Sampling, tell: Tell, *, cores: int, cache: Path | None = None, start: Array | None = None) -> Trace:
    """The posterior's draws. start: [N, size] of an earlier trace, from which chains set out with a shorter tuning.

    tell(fraction, words): four times a second; when it raises, the sampler is ended at once and Stopped raised from that.
    """
    chosen = sampling.sampler
    if chosen == "auto":
        chosen = "nutpie" if importlib.util.find_spec("nutpie") and importlib.util.find_spec("numba") else "pymc"
    if chosen == "pymc":
        from pipelines.mmm.pymc_sampling import drawn_by_pymc

        return drawn_by_pymc(design, sampling, tell)
    return _Run(design, sampling, tell, cores, cache, start).trace()


def _ready(design: Design, cache: Path | None, tell: Tell) -> Density:
    """The density, compiled. The compiler cannot be stopped, so it runs in a thread of its own and is left behind by a cancel."""
    pool = ThreadPoolExecutor(1)
    coming = pool.submit(_compile, design, cache)
    try:
        while not wait([coming], timeout=ASK_SECONDS).done:
            tell(0.0, "compiles the model; the first time on a machine this takes a while")
    except BaseException as stopped:
        raise Stopped(design, None) from stopped
    finally:
        pool.shutdown(wait=False)
    return coming.result()


def _compile(design: Design, cache: Path | None) -> Density:
    importlib.import_module("nutpie")
    density = density_of(design, cache)
    density(np.zeros(layout_of(design).size))
    return density


class _Run:
    """One run of nutpie. Every draw is copied as it comes, so that a stopped run has what there was."""

    def __init__(self, design: Design, sampling: Sampling, tell: Tell, cores: int, cache: Path | None, start: Array | None) -> None:
        self._design = design
        self._sampling, self._tell, self._cores = sampling, tell, max(1, min(cores, sampling.chains))
        self._start = start
        self._tune = sampling.tune if start is None else max(50, int(sampling.tune * WARM_TUNE))
        self._size = layout_of(design).size
        self._density = _ready(design, cache, tell)
        self._kept = np.empty((sampling.chains, self._tune + sampling.draws, self._size))
        self._counts = [0] * sampling.chains

    def trace(self) -> Trace:
        import nutpie

        begun = time.monotonic()
        sampler = nutpie.sample(
            self._model(),
            draws=self._sampling.draws,
            tune=self._tune,
            chains=self._sampling.chains,
            cores=self._cores,
            seed=self._sampling.seed,
            progress_bar=False,
            save_warmup=False,
            blocking=False,
            return_raw_trace=False,
        )
        try:
            result = self._watched(sampler)
        except BaseException as stopped:
            sampler.cancel()
            raise Stopped(self._design, self._partial(time.monotonic() - begun)) from stopped
        z = np.ascontiguousarray(result.posterior["z"].values)
        return Trace(z, result.sample_stats["diverging"].values, "nutpie", time.monotonic() - begun)

    def _model(self) -> Any:
        from nutpie.compiled_pyfunc import from_pyfunc

        return from_pyfunc(
            ndim=self._size,
            make_logp_fn=lambda: self._density,
            make_expand_fn=self._keeper,
            expanded_dtypes=[np.dtype("float64")],
            expanded_shapes=[(self._size,)],
            expanded_names=["z"],
            make_initial_point_fn=self._initial,
        )

    def _keeper(self, _: int, __: int, chain: int) -> Callable[..., dict[str, Array]]:
        def keep(z: Array, **_: Any) -> dict[str, Array]:
            count = self._counts[chain]
            if count < self._kept.shape[1]:
                self._kept[chain, count] = z
                self._counts[chain] = count + 1
            return {"z": z}

        return keep

    def _initial(self, seed: int) -> Array:
        draw = np.random.default_rng(seed)
        if self._start is not None:
            return np.array(self._start[draw.integers(len(self._start))])
        return draw.uniform(-0.5, 0.5, self._size)

    def _watched(self, sampler: Any) -> Any:
        while True:
            try:
                return sampler.wait(timeout=ASK_SECONDS)
            except TimeoutError:
                done, whole = sum(self._counts), self._kept.shape[0] * self._kept.shape[1]
                self._tell(done / whole, f"draw {done:,} of {whole:,}")

    def _partial(self, seconds: float) -> Trace | None:
        """The draws after the tuning, of the chains that got past it; before any did, the draws of the tuning."""
        tuned = [self._kept[chain, self._tune : count].copy() for chain, count in enumerate(self._counts) if count > self._tune]
        begun = [self._kept[chain, :count].copy() for chain, count in enumerate(self._counts) if count > 0]
        return cut_short(tuned or begun, "nutpie", seconds, tuned=bool(tuned))


def cut_short(chains: list[Array], sampler: str, seconds: float, *, tuned: bool) -> Trace | None:
    """The trace of chains [draws, size] that were stopped at different lengths; None of none.

    Chains without half of the longest's draws are left out and the others cut to one length, so that a chain that had only just
    begun does not cost the draws of those before it.
    """
    if not chains:
        return None
    longest = max(len(chain) for chain in chains)
    chosen = [chain for chain in chains if 2 * len(chain) >= longest]
    last = min(len(chain) for chain in chosen)
    z = np.stack([chain[:last] for chain in chosen])
    return Trace(z, np.zeros(z.shape[:2], dtype=bool), sampler, seconds, tuned=tuned)
