"""TensorFlow's operations as ONNX has them, as far as convolutional detectors use them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from core.errors import ModelUnavailable
from pipelines.vision.conversion.graph import TO_FIRST, TO_LAST, OnnxGraph, Tensor

Made = list[Tensor]


def _transpose(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    source, order = given
    return [Tensor(source.name, tuple(source.axes[axis] for axis in order.value))]


def _pad(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    import numpy as np

    source, amounts = given[0], given[1].value
    inner = np.argsort(source.axes)  # the padding of each axis as it lies in the ONNX tensor
    pads = graph.constant(np.concatenate([amounts[inner, 0], amounts[inner, 1]]).astype(np.int64))
    filler = given[2].value if len(given) > 2 else 0.0
    return [Tensor(graph.add("Pad", [source.name, pads, graph.constant(np.float32(filler))])[0], source.axes)]


def _convolve(graph: OnnxGraph, given: list[Tensor], attributes: Any) -> Made:
    """Also with what TensorFlow.js fuses into a convolution: a bias, then an activation."""
    kernel = graph.constant(given[1].value.transpose(3, 2, 0, 1).copy())
    made = graph.add("Conv", [graph.read(given[0], TO_FIRST), kernel], **_steps(attributes))[0]
    return [_fused(graph, Tensor(made, TO_LAST), given[2:], attributes)]


def _convolve_each(graph: OnnxGraph, given: list[Tensor], attributes: Any) -> Made:
    """Each channel by itself."""
    kernel = given[1].value.transpose(2, 3, 0, 1).copy()
    inputs = [graph.read(given[0], TO_FIRST), graph.constant(kernel)]
    return [Tensor(graph.add("Conv", inputs, group=len(kernel), **_steps(attributes))[0], TO_LAST)]


def _fused(graph: OnnxGraph, made: Tensor, more: list[Tensor], attributes: Any) -> Tensor:
    names = [base64.b64decode(name).decode() for name in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
    if unknown := set(names) - {"BiasAdd", "Prelu"}:
        raise ModelUnavailable(f"a convolution is fused with {', '.join(sorted(unknown))}, which is not converted")
    for name, operand in zip(names, more, strict=True):
        made = (_add if name == "BiasAdd" else _bend)(graph, [made, operand], {})[0]
    return made


def _bend(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    """A leaky ReLU with a learned slope a channel."""
    slope = graph.constant(given[1].value.reshape(-1, 1, 1).copy())
    return [Tensor(graph.add("PRelu", [graph.read(given[0], TO_FIRST), slope])[0], TO_LAST)]


def _pool(graph: OnnxGraph, given: list[Tensor], attributes: Any) -> Made:
    sizes = _sizes(attributes, "ksize")
    return [Tensor(graph.add("MaxPool", [graph.read(given[0], TO_FIRST)], kernel_shape=sizes, **_steps(attributes))[0], TO_LAST)]


def _add(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    import numpy as np

    left, right = given
    if left.value is not None and right.value is not None:
        return [Tensor("", value=left.value + right.value)]
    if right.value is not None:
        spread = right.value.reshape((1,) * (len(left.axes) - right.value.ndim) + right.value.shape)
        other = graph.constant(spread.transpose(np.argsort(left.axes)).copy())
    else:
        other = graph.read(right, tuple(np.argsort(left.axes)))
    return [Tensor(graph.add("Add", [left.name, other])[0], left.axes)]


def _activate(op: str) -> Callable[[OnnxGraph, list[Tensor], Any], Made]:
    def make(graph: OnnxGraph, given: list[Tensor], attributes: Any) -> Made:
        more = {"alpha": attributes["alpha"]["f"]} if "alpha" in attributes else {}
        return [Tensor(graph.add(op, [given[0].name], **more)[0], given[0].axes)]

    return make


def _concatenate(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    import numpy as np

    first, axis = given[0], int(given[-1].value)
    inner = tuple(np.argsort(first.axes))
    names = [graph.read(tensor, inner) for tensor in given[:-1]]
    return [Tensor(graph.add("Concat", names, axis=first.axes[axis])[0], first.axes)]


def _resize(graph: OnnxGraph, given: list[Tensor], attributes: Any) -> Made:
    import numpy as np

    source = graph.read(given[0], TO_FIRST)
    mode = "half_pixel" if attributes["half_pixel_centers"]["b"] else "asymmetric"
    sizes = graph.constant(given[1].value.astype(np.int64))
    made = graph.add("Resize", [source, "", "", sizes], axes=[2, 3], mode="linear", coordinate_transformation_mode=mode)
    return [Tensor(made[0], TO_LAST)]


def _split(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    import numpy as np

    source, sizes, axis = given[0], given[1].value.astype(np.int64), int(given[2].value)
    made = graph.add("Split", [source.name, graph.constant(sizes)], len(sizes), axis=source.axes[axis])
    return [Tensor(name, source.axes) for name in made]


def _reshape(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    """The batch, the first axis, stays what it is."""
    import numpy as np

    shape = np.array([0, *given[1].value[1:]], np.int64)
    source = graph.read(given[0], tuple(range(len(given[0].axes))))
    return [Tensor(graph.add("Reshape", [source, graph.constant(shape)])[0], tuple(range(len(shape))))]


def _fill(graph: OnnxGraph, given: list[Tensor], _: Any) -> Made:
    """A sparse constant; those in such graphs are what is left of shape arithmetic."""
    import numpy as np

    indices, shape, values, default = (tensor.value for tensor in given)
    dense = np.full(shape, default)
    dense[tuple(indices.T)] = values
    return [Tensor("", value=dense)]


def _steps(attributes: Any) -> dict[str, Any]:
    """Strides and padding; TensorFlow's SAME puts the odd pixel below and to the right."""
    padding = base64.b64decode(attributes["padding"]["s"]).decode()
    return {"strides": _sizes(attributes, "strides"), "auto_pad": {"SAME": "SAME_UPPER"}.get(padding, padding)}


def _sizes(attributes: Any, name: str) -> list[int]:
    """Height and width of a TensorFlow list over (batch, height, width, channels)."""
    return [int(size) for size in attributes[name]["list"]["i"][1:3]]


OPERATIONS: dict[str, Callable[[OnnxGraph, list[Tensor], Any], Made]] = {
    "Add": _add,
    "AddV2": _add,
    "ConcatV2": _concatenate,
    "Conv2D": _convolve,
    "DepthwiseConv2dNative": _convolve_each,
    "Identity": lambda graph, given, attributes: [given[0]],
    "LeakyRelu": _activate("LeakyRelu"),
    "MaxPool": _pool,
    "Pad": _pad,
    "PadV2": _pad,
    "Prelu": _bend,
    "Reshape": _reshape,
    "ResizeBilinear": _resize,
    "Sigmoid": _activate("Sigmoid"),
    "SparseToDense": _fill,
    "SplitV": _split,
    "Transpose": _transpose,
    "_FusedConv2D": _convolve,
}
