"""Marketing mix models beside PyMC's own sampler on the same model, and beside PyMC-Marketing on the same market.

One market, 4 channels over 156 weeks, 4 chains of 500 + 500 draws. Effective samples are the bulk ESS of the worst parameter;
seconds are those of the sampler, without anybody's compiling. `refit` is the wall time of a second market of the same shape.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import subprocess
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.row import Row
from core.errors import StepFailed
from pipelines.mmm import beliefs
from pipelines.mmm.design import Design, designed
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import posterior_of
from pipelines.mmm.pymc_model import pymc_model
from pipelines.mmm.regressors import SEASON, TREND
from pipelines.mmm.sampling import Trace, drawn
from pipelines.mmm.saturation import LOG_3, saturated
from pipelines.mmm.specification import Model, Sampling
from pipelines.mmm.worlds import world

SAMPLING = Sampling(chains=4, draws=500, tune=500)
PEER = "pymc-marketing==0.19.2"
PEER_PINS = ("pymc==5.28.5", "numpy<2.5")  # what the lock has too, so that both run on the same PyMC
PEER_FILE = Path(__file__).with_name("mmm_peer.py")
INSTALL_SECONDS, RUN_SECONDS = 1800.0, 1800.0
MOST_AWAY = 1.0
MOST_APART = 5.0  # Monte Carlo errors between two samplers' means, for the worst of some twenty parameters


def rows() -> list[Row]:
    model = Model(saturation="logistic")  # a curve that all three have in the same form
    first, second = (designed(world(seed).market, model) for seed in (1, 2))
    _ours(first)  # compiles
    ours = _ours(first)
    begun = time.monotonic()
    _ours(second)
    refit = time.monotonic() - begun
    theirs, seconds, _ = _pymc(first)
    _, _, warm = _pymc(second)
    _check_agreement(ours.z, theirs)
    rate = _effective(ours.z) / ours.seconds
    found = [Row("vs-pymc", rate, _effective(theirs) / seconds, "effective samples/s"), Row("refit", refit, warm, "s")]
    peer = _pymc_marketing(first, posterior_of(first, ours.pooled).roas[:, 0])
    return [*found, Row("vs-pymc-marketing", rate, peer, "effective samples/s")] if peer else found


def _ours(design: Design) -> Trace:
    return drawn(design, SAMPLING, lambda *_: None, cores=os.cpu_count() or 1)


def _pymc(design: Design) -> tuple[Array, float, float]:
    """PyMC's default sampler: draws of z, seconds of sampling, seconds in all."""
    import pymc as pm

    begun = time.monotonic()
    with pymc_model(design) as model:
        names = [variable.name for variable in model.free_RVs]
        result = pm.sample(
            draws=SAMPLING.draws,
            tune=SAMPLING.tune,
            chains=SAMPLING.chains,
            cores=os.cpu_count(),  # its default counts physical ones only
            random_seed=1,
            progressbar=False,
            compute_convergence_checks=False,
        )
    z = np.concatenate([result.posterior[name].values for name in names], axis=2)
    return z, float(result.posterior.attrs["sampling_time"]), time.monotonic() - begun


def _effective(z: Array) -> float:
    arviz: Any = importlib.import_module("arviz")
    return float(arviz.ess(arviz.convert_to_dataset({"z": z}), method="bulk")["z"].min())


def _check_agreement(ours: Array, theirs: Array) -> None:
    """The two samplers' posterior means differ by Monte Carlo error only. Raises StepFailed otherwise."""
    arviz: Any = importlib.import_module("arviz")
    errors = [arviz.mcse(arviz.convert_to_dataset({"z": z}))["z"].values for z in (ours, theirs)]
    apart = np.abs(ours.mean(axis=(0, 1)) - theirs.mean(axis=(0, 1))) / np.hypot(*errors)
    click.echo(f"same posterior: means are at most {apart.max():.1f} Monte Carlo errors apart, {apart.mean():.1f} on average", err=True)
    if apart.max() > MOST_APART:
        raise StepFailed(f"The samplers disagree: a mean is {apart.max():.1f} Monte Carlo errors apart")


def _pymc_marketing(design: Design, ours: Array) -> float | None:
    """Effective samples a second of PyMC-Marketing, in an environment of its own; None, and why on stderr, where it cannot be had.

    It is given the same market, curves and priors, as near as its form allows: it takes the height of a curve for what we take its
    average for, and no spend before the first week. So the two posteriors of ROAS are near each other, not the same. ours: [D, C].
    """
    with tempfile.TemporaryDirectory(prefix="drumbeat-peer-") as folder:
        home = Path(folder)
        try:
            python = _installed(home)
            asked = {
                "market": design.market.as_dict(),
                "priors": _peer_priors(design),
                "sampling": SAMPLING.model_dump(include={"chains", "draws", "tune"}),
            }
            (home / "asked.json").write_text(json.dumps(asked))
            command = [str(python), str(PEER_FILE), str(home / "asked.json")]
            done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=True, cwd=home)
        except (subprocess.SubprocessError, OSError) as error:
            why = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
            click.echo(f"SKIPPED vs-pymc-marketing: {PEER} could not be installed or run: {' '.join(why)}", err=True)
            return None
    told = json.loads(done.stdout.strip().splitlines()[-1])
    click.echo(f"{PEER}: {told['seconds']:.1f} s, {told['effective']:.0f} effective samples", err=True)
    _check_nearness(ours, told["roas"])
    return float(told["effective"] / told["seconds"])


def _peer_priors(design: Design) -> dict[str, Any]:
    """Ours in PyMC-Marketing's terms: spend and outcome in shares of their maximum, a logistic curve by its lambda and its height."""
    market = design.market
    spend, highest = market.spend[0], float(market.outcome.max())
    stretch = spend.max(axis=0) / design.spend_scale[0]
    heights = saturated("logistic", spend / design.spend_scale[0], math.exp(beliefs.HALF[0])).sum(axis=0)
    part = design.outcome_scale[0] / highest  # a share of the average outcome as a share of the highest
    return {
        "alpha": _as_beta(design.carryover),
        "lam": {"mu": (np.log(LOG_3 * stretch) - beliefs.HALF[0]).tolist(), "sigma": [beliefs.HALF[1]] * len(stretch)},
        "beta": {
            "mu": (design.roas.mean + np.log(spend.sum(axis=0) / heights / highest)).tolist(),
            "sigma": design.roas.spread.tolist(),
        },
        "trend": TREND * part,
        "season": SEASON * part,
    }


def _as_beta(belief: beliefs.Normal) -> dict[str, list[float]]:
    """The beta distributions with the mean and the variance of a share whose logit is normal; PyMC-Marketing takes no other."""
    z = np.linspace(-6, 6, 2001)[:, None]
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    share = 1 / (1 + np.exp(-(belief.mean + belief.spread * z)))
    mean = (weight * share).sum(axis=0)
    size = mean * (1 - mean) / (weight * (share - mean) ** 2).sum(axis=0) - 1
    return {"alpha": (mean * size).tolist(), "beta": ((1 - mean) * size).tolist()}


def _check_nearness(ours: Array, theirs: dict[str, list[float]]) -> None:
    """The two posteriors of ROAS lie over each other: means within MOST_AWAY standard deviations. Raises StepFailed otherwise."""
    away = np.abs(ours.mean(axis=0) - theirs["mean"]) / np.minimum(ours.std(axis=0), theirs["sd"])
    wide = ours.std(axis=0) / theirs["sd"]
    click.echo(f"ROAS: means are {_listed(away)} standard deviations apart, ours are {_listed(wide)} times as wide", err=True)
    if away.max() > MOST_AWAY:
        raise StepFailed(f"PyMC-Marketing finds another ROAS: {away.max():.1f} standard deviations away")


def _installed(home: Path) -> Path:
    click.echo(f"installs {PEER} into an environment of its own ...", err=True)
    venv.create(home / "venv", with_pip=True)
    python = home / "venv" / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "-q", PEER, *PEER_PINS]
    subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=True)
    return python


def _listed(values: Array) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
