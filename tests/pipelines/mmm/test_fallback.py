"""PyMC's own sampler, for machines without nutpie, and without a C compiler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pipelines.mmm.design import Design, designed
from pipelines.mmm.sampling import Stopped, drawn
from pipelines.mmm.specification import Model, Sampling
from pipelines.mmm.worlds import world

WITHOUT_COMPILER = """
import json, sys
import pytensor
from tests.pipelines.mmm.test_fallback import SMALL, small
from pipelines.mmm.sampling import drawn
found = {name: drawn(small(), SMALL.model_copy(update={"sampler": name}), lambda *_: None, cores=1) for name in ("pymc", "nutpie")}
means = {name: [trace.sampler, trace.pooled.mean(axis=0).tolist()] for name, trace in found.items()}
json.dump({"cxx": pytensor.config.cxx, "means": means}, sys.stdout)
"""
SMALL = Sampling(chains=2, draws=150, tune=150)


class Enough(Exception):
    pass


def small() -> Design:
    return designed(world(3, channels=1, weeks=52).market, Model(yearly=0, trend="none", saturation="logistic"))


def test_it_needs_no_compiler_and_finds_the_same(compiled: Path) -> None:
    """With nothing on the path both samplers run, and their means are a fraction of a prior's standard deviation apart."""
    environment = {**os.environ, "PATH": "", "NUMBA_CACHE_DIR": str(compiled)}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_COMPILER], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    told = json.loads(done.stdout)
    (first, pymcs), (second, nutpies) = (told["means"][name] for name in ("pymc", "nutpie"))
    assert (told["cxx"], first, second) == ("", "pymc", "nutpie")
    assert np.array(pymcs) == pytest.approx(np.array(nutpies), abs=0.25)


def test_a_stop_does_not_wait_for_the_compiler() -> None:
    """Stopped before the first draw, it is left behind at once, with no trace."""

    def tell(at: float, _: str) -> None:
        raise Enough

    begun = time.monotonic()
    with pytest.raises(Stopped) as caught:
        drawn(small(), SMALL.model_copy(update={"sampler": "pymc"}), tell, cores=1)
    assert time.monotonic() - begun < 1.5
    assert caught.value.trace is None


def test_a_stop_keeps_the_draws() -> None:
    """Stopped in its second chain, it has what the first one drew; and it told of its progress on the way."""
    told: list[float] = []
    wanted = Sampling(chains=2, draws=400, tune=100, sampler="pymc")

    def tell(at: float, _: str) -> None:
        told.append(at)
        if at > 0.55:
            raise Enough

    with pytest.raises(Stopped) as caught:
        drawn(small(), wanted, tell, cores=1)
    partial = caught.value.trace
    assert partial is not None
    assert len(partial.pooled) >= 400
    assert told == sorted(told)
