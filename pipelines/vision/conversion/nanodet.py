"""NanoDet-g (416 × 416, COCO) with the input and output of a YOLO export, so that what loads YOLO's ONNX files loads it.

Input: RGB from 0 to 1, (batch, 3, 416, 416). Output: (batch, 84, 3549), the box's centre, width and height in pixels of the
input, then a score for each of the 80 classes. NanoDet tells each side's distance as a distribution over 0…10 strides
(generalised focal loss, Li et al. 2020); its mean is the distance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.vision.conversion.graph import OnnxGraph
from pipelines.vision.conversion.tfjs import INPUT, read_graph
from pipelines.vision.labels import COCO_80

SIZE = 416
_BINS = 11
# By stride: the graph's outputs of class scores and of side distributions.
_LEVELS = {8: ("Identity", "Identity_3"), 16: ("Identity_1", "Identity_4"), 32: ("Identity_2", "Identity_5")}
_MEAN_BGR = (103.53, 116.28, 123.675)  # of the training images, and their deviation
_DEVIATION_BGR = (57.375, 57.12, 58.395)


def yolo_onnx(parts: dict[str, Path], target: Path) -> None:
    """Convert. Raises ModelUnavailable for a graph that is not NanoDet's."""
    graph = read_graph(parts["nanodet.json"], parts["nanodet.bin"])
    _put_before(graph)
    output = _put_behind(graph)
    target.write_bytes(graph.model("nanodet", {"pixels": (3, SIZE, SIZE)}, {output: (4 + len(COCO_80), _anchors())}, _facts()))


def _facts() -> dict[str, Any]:
    """What a YOLO export says about itself."""
    return {
        "task": "detect",
        "stride": 32,
        "batch": 1,
        "imgsz": [SIZE, SIZE],
        "names": dict(enumerate(COCO_80)),
        "args": {"dynamic": True, "nms": False},
    }


def _anchors() -> int:
    return sum((SIZE // stride) ** 2 for stride in _LEVELS)


def _put_before(graph: OnnxGraph) -> None:
    """RGB from 0 to 1 as the network was trained: BGR, normalised."""
    import numpy as np

    nodes, graph.nodes = graph.nodes, []
    order = graph.constant(np.array([2, 1, 0], np.int64))
    scale = graph.constant((255 / np.array(_DEVIATION_BGR)).astype(np.float32).reshape(1, 3, 1, 1))
    shift = graph.constant((-np.array(_MEAN_BGR) / np.array(_DEVIATION_BGR)).astype(np.float32).reshape(1, 3, 1, 1))
    swapped = graph.add("Gather", ["pixels", order], axis=1)[0]
    scaled = graph.add("Mul", [swapped, scale])[0]
    graph.add("Add", [scaled, shift])
    graph.nodes[-1].output[0] = INPUT
    graph.nodes += nodes


def _put_behind(graph: OnnxGraph) -> str:
    """Boxes from all levels, then scores; the output's name."""
    import numpy as np

    scores = graph.add("Concat", [_plain(graph, level[0]) for level in _LEVELS.values()], axis=1)[0]
    sides = graph.add("Concat", [_distances(graph, stride, level[1]) for stride, level in _LEVELS.items()], axis=1)[0]
    near, far = graph.add("Split", [sides, graph.constant(np.array([2, 2], np.int64))], 2, axis=2)
    middle = graph.add("Mul", [graph.add("Sub", [far, near])[0], graph.constant(np.float32(0.5))])[0]
    centre = graph.add("Add", [middle, graph.constant(_centres())])[0]
    size = graph.add("Add", [near, far])[0]
    rows = graph.add("Concat", [centre, size, scores], axis=2)[0]
    return graph.add("Transpose", [rows], perm=[0, 2, 1])[0]


def _plain(graph: OnnxGraph, name: str) -> str:
    return graph.read(graph.tensors[name], (0, 1, 2))


def _distances(graph: OnnxGraph, stride: int, name: str) -> str:
    """Left, top, right, bottom of each anchor in pixels, (batch, anchors, 4)."""
    import numpy as np

    shape = graph.constant(np.array([0, 0, 4, _BINS], np.int64))
    bins = graph.add("Reshape", [_plain(graph, name), shape])[0]
    chances = graph.add("Softmax", [bins], axis=3)[0]
    return graph.add("MatMul", [chances, graph.constant(np.arange(_BINS, dtype=np.float32) * stride)])[0]


def _centres() -> Any:
    """x and y of every anchor's middle in pixels, (1, anchors, 2)."""
    import numpy as np

    levels = []
    for stride in _LEVELS:
        steps = (np.arange(SIZE // stride, dtype=np.float32) + 0.5) * stride
        levels.append(np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2))
    return np.concatenate(levels)[None]
