"""`vision.background` as a job: by the played remove.bg, and by the model of our own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from models import AssetVersion
from models.session import org_session
from providers import registry
from sandbox.env import removebg_environment
from tests.pipelines.vision.conftest import photo
from tests.providers import media
from tests.sandbox.test_removebg import picture
from tests.stack import WorkerPools
from tests.tasks.conftest import Marketing
from tests.tasks.stored import stored
from tests.weights import pulled
from worker.kinds import get_kind
from worker.runner import StepError, run_step

POOLS = ("io", "gpu")
Here = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def no_workers(worker_pools: WorkerPools) -> Iterator[None]:
    """The pools of the kind's steps without workers, so that the steps run in this process, with a test's own settings."""
    pulled()
    for pool in POOLS:
        worker_pools.process(pool).stop()
    yield
    for pool in POOLS:
        worker_pools.restart(pool)


@pytest.fixture
def here(no_workers: None, marketing: Marketing) -> Here:
    """`here(params)` -> the job after its steps ran."""

    def run(params: dict[str, Any]) -> dict[str, Any]:
        job = marketing.submit("vision.background", params)
        with contextlib.suppress(StepError):
            for step in get_kind("vision.background").steps:
                run_step(str(job), step.name, 1, worker="test")
        return marketing.view(job)

    return run


@pytest.fixture
def vendor(marketing: Marketing, configure: Callable[..., None]) -> Marketing:
    """remove.bg is configured."""
    configure(**removebg_environment(marketing.sandbox.url))
    return marketing


def made(marketing: Marketing, asset_id: str, folder: Path) -> np.ndarray[Any, Any]:
    with org_session(marketing.org_id) as session:
        key = session.execute(select(AssetVersion.storage_key).where(AssetVersion.asset_id == asset_id)).scalar_one()
    registry.storage().download(key, folder / "made")
    with Image.open(folder / "made") as image:
        return np.asarray(image)


def test_with_a_key_the_vendor_cuts_out_and_is_paid_once(here: Here, vendor: Marketing, tmp_path: Path) -> None:
    """The disc stays, in the picture's own size; the asset is marked simulated, and the ledger holds one matte for two sources."""
    (tmp_path / "disc.png").write_bytes(picture((240, 160)))
    source = str(stored(vendor.org_id, tmp_path / "disc.png"))
    job = here({"sources": [source, source], "name": "Disc"})
    assert job["state"] == "succeeded", job["error"]
    assert job["result"]["simulated"] and job["result"]["assets"][0]["simulated"]
    cutout = made(vendor, job["result"]["assets"][0]["asset_id"], tmp_path)
    assert cutout.shape == (160, 240, 4) and cutout[80, 120, 3] == 255 and cutout[5, 5, 3] == 0
    assert len(vendor.sandbox.ledger(vendor="removebg")) == 1
    assert float(job["cost"]) == 0.20


def test_a_picture_without_foreground_is_an_empty_cut_out(here: Here, vendor: Marketing, tmp_path: Path) -> None:
    """The vendor says so, nothing is paid, and the job succeeds with an empty matte."""
    (tmp_path / "plain.png").write_bytes(picture(colour=None))
    job = here({"sources": [str(stored(vendor.org_id, tmp_path / "plain.png"))]})
    assert job["state"] == "succeeded" and float(job["cost"]) == 0
    assert job["result"]["sources"][0]["box"] is None


def test_without_a_key_the_model_does_it(here: Here, marketing: Marketing, tmp_path: Path) -> None:
    """Before a colour, on the device it says, and the vendor hears nothing."""
    job = here({"sources": [str(stored(marketing.org_id, photo("astronaut")))], "background": {"colour": "#00ff00"}})
    assert job["state"] == "succeeded", job["error"]
    assert (job["result"]["model"], job["result"]["device"], job["result"]["simulated"]) == ("selfie", "cpu", False)
    assert made(marketing, job["result"]["assets"][0]["asset_id"], tmp_path)[60, 430].tolist() == [0, 255, 0]
    assert marketing.sandbox.ledger(vendor="removebg") == []


def test_remove_bg_by_name_without_its_key_says_which_variable(here: Here, marketing: Marketing) -> None:
    """The job fails at once, with what to set."""
    job = here({"sources": [str(stored(marketing.org_id, photo("astronaut")))], "by": "remove.bg"})
    assert (job["state"], job["error"]["code"]) == ("failed", "not_configured")
    assert job["error"]["errors"] == [{"pointer": "REMOVEBG_API_KEY", "detail": "is missing"}]


def test_remove_bg_by_name_refuses_a_film(here: Here, vendor: Marketing, tmp_path: Path) -> None:
    """Before anything is paid."""
    film = stored(vendor.org_id, media.video(tmp_path / "film.mp4"))
    job = here({"sources": [str(film)], "by": "remove.bg"})
    assert (job["state"], job["error"]["code"]) == ("failed", "invalid_input") and "films" in job["error"]["detail"]
    assert vendor.sandbox.ledger(vendor="removebg") == []
