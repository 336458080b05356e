"""The table of weights, and the files that are built from what others publish."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelUnavailable
from pipelines.vision.conversion.graph import TO_FIRST, TO_LAST, OnnxGraph, Tensor
from pipelines.vision.conversion.tfjs import read_graph
from pipelines.vision.labels import COCO_80
from pipelines.vision.models import ROWS, row_of
from pipelines.vision.yolo.onnx_file import facts_of
from providers.weights.store import ModelStore
from tests.weights import USED


def test_the_rows_are_complete() -> None:
    """Names and files are unique; every hash is one; every part has a source; a row without a build has one part."""
    assert len({row.name for row in ROWS}) == len({row.file for row in ROWS}) == len(ROWS)
    hashes = [row.sha256 for row in ROWS] + [part.sha256 for row in ROWS for part in row.parts]
    assert all(re.fullmatch(r"[0-9a-f]{64}", found) for found in hashes)
    assert all(part.sources and part.bytes for row in ROWS for part in row.parts)
    assert all(row.build or (len(row.parts) == 1 and row.parts[0].sha256 == row.sha256) for row in ROWS)


def test_the_store_holds_what_the_rows_say(models: ModelStore) -> None:
    """Every model in use was pulled, and built to the very bytes of its row: the conversion is the same on each machine."""
    assert {"centerface", "face-mesh", "hands", "nanodet", "selfie"} == {row.name for row in USED}
    assert all(models.is_sound(row) and models.path(row).stat().st_size == row.bytes for row in USED)


def test_nanodet_says_what_yolo_exports_say(models: ModelStore) -> None:
    """Its 80 names, its size, and that it takes several pictures at once."""
    facts = facts_of(models.weight(row_of("nanodet")))
    assert tuple(facts.names.values()) == COCO_80 and facts.size == (416, 416) and facts.is_batched


def test_a_batch_is_its_pictures_one_by_one(models: ModelStore) -> None:
    """The converted network gives for two pictures together what it gives for each alone."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(models.weight(row_of("nanodet"))))
    pictures = np.random.default_rng(3).random((2, 3, 416, 416), np.float32)
    together = session.run(None, {"pixels": pictures})[0]
    alone = [session.run(None, {"pixels": picture[None]})[0][0] for picture in pictures]
    assert together.shape == (2, 84, 3549) and np.allclose(together, alone, atol=2e-3)


def test_transpositions_that_undo_each_other_vanish() -> None:
    """Read in the order in which it lies, a tensor costs no node; in another order one."""
    graph = OnnxGraph()
    assert graph.read(Tensor("x", TO_LAST), TO_FIRST) == "x" and not graph.nodes
    graph.read(Tensor("x", TO_LAST), (0, 1, 2, 3))
    assert [list(node.attribute[0].ints) for node in graph.nodes] == [list(TO_LAST)]


def test_an_operation_that_is_not_known_is_named(tmp_path: Path) -> None:
    """A graph of another kind is refused, not converted wrongly."""
    (tmp_path / "model.json").write_text('{"weightsManifest": [], "modelTopology": {"node": [{"name": "n", "op": "Einsum", "input": []}]}}')
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(ModelUnavailable, match="Einsum"):
        read_graph(tmp_path / "model.json", tmp_path / "model.bin")
