"""The store's networks in torch beside onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from pipelines.vision.models import row_of
from pipelines.vision.torch_network import read_graph
from providers.weights.store import ModelStore


@pytest.mark.parametrize(
    ("name", "shape"), [("nanodet", (2, 3, 416, 416)), ("centerface", (1, 3, 96, 160)), ("face-mesh", (2, 3, 192, 192))]
)
def test_torch_gives_what_onnxruntime_gives(models: ModelStore, name: str, shape: tuple[int, ...]) -> None:
    """Every output of every network of the store, to within a thousandth of its range."""
    path, options = models.weight(row_of(name)), onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options)
    batch = np.random.default_rng(5).random(shape, np.float32)
    graph = read_graph(path, "cpu")
    assert graph is not None
    expected = session.run(None, {session.get_inputs()[0].name: batch})
    for ours, theirs in zip(graph.run(batch), expected, strict=True):
        assert ours.shape == theirs.shape and np.abs(ours - theirs).max() <= 1e-3 * max(np.abs(theirs).max(), 1)


def test_a_network_with_another_operation_is_left_to_others(tmp_path: Path) -> None:
    """An operation that is not known here: no graph, rather than a wrong one."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 8, 8]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Erf", ["x"], ["y"])], "other", [x], [y])
    onnx.save(helper.make_model(graph), tmp_path / "other.onnx")
    assert read_graph(tmp_path / "other.onnx", "cpu") is None
