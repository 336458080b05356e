"""ONNX networks in torch: how they come onto a GPU that onnxruntime does not see, in half precision there.

The operations are those of the model store's convolutional networks; a file with another one is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch

Attributes = dict[str, Any]
Operation = Callable[[list[Any], Attributes], Any]


@dataclass(frozen=True)
class TorchGraph:
    """nodes: (operation, inputs, outputs, attributes) in order. constants: floats on the device, whole numbers as lists."""

    nodes: list[tuple[Operation, list[str], list[str], Attributes]]
    constants: dict[str, Any]
    inputs: list[str]
    outputs: list[str]
    device: str

    def run(self, batch: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        """Every output for a (batch, 3, height, width) float32 input."""
        import torch

        with torch.inference_mode(), torch.autocast("cuda", torch.float16, enabled=self.device != "cpu"):
            values = self.constants | {self.inputs[0]: torch.from_numpy(batch).to(self.device)}
            for operation, inputs, outputs, attributes in self.nodes:
                made = operation([values.get(name) for name in inputs], attributes)
                values |= dict(zip(outputs, made if len(outputs) > 1 else [made], strict=True))
            return [values[name].float().cpu().numpy() for name in self.outputs]


def read_graph(path: Path, device: str) -> TorchGraph | None:
    """None for a file with an operation that is not known here."""
    import onnx

    graph = onnx.load(str(path)).graph
    if any(node.op_type not in OPERATIONS for node in graph.node):
        return None
    constants = {weight.name: _constant(weight, device) for weight in graph.initializer}
    nodes = [(OPERATIONS[node.op_type], list(node.input), list(node.output), _attributes(node)) for node in graph.node]
    inputs = [value.name for value in graph.input if value.name not in constants]
    return TorchGraph(nodes, constants, inputs, [value.name for value in graph.output], device)


def _constant(weight: Any, device: str) -> Any:
    import numpy as np
    import torch
    from onnx import numpy_helper

    value = numpy_helper.to_array(weight)
    return value.tolist() if value.dtype == np.int64 else torch.from_numpy(value.copy()).to(device)


def _attributes(node: Any) -> Attributes:
    from onnx import helper

    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _convolve(given: list[Any], told: Attributes) -> torch.Tensor:
    from torch.nn import functional

    picture, kernel, bias = (*given, None)[:3]
    strides, pads = told.get("strides", [1, 1]), told.get("pads", [0, 0, 0, 0])
    if told.get("auto_pad") == b"SAME_UPPER":
        pads = _same(picture.shape[2:], kernel.shape[2:], strides)
    picture = functional.pad(picture, [pads[1], pads[3], pads[0], pads[2]])
    return functional.conv2d(picture, kernel, bias, strides, 0, told.get("dilations", [1, 1]), told.get("group", 1))


def _same(size: Any, kernel: Any, strides: list[int]) -> list[int]:
    """Top, left, bottom, right, so that the output has the input's size over the stride; an odd pixel goes below and to the right."""
    whole = [max((-(-s // step) - 1) * step + k - s, 0) for s, k, step in zip(size, kernel, strides, strict=True)]
    return [*(pad // 2 for pad in whole), *(pad - pad // 2 for pad in whole)]


def _enlarge(given: list[Any], told: Attributes) -> torch.Tensor:
    """A transposed convolution."""
    from torch.nn import functional

    picture, kernel, bias = (*given, None)[:3]
    return functional.conv_transpose2d(picture, kernel, bias, told["strides"], told["pads"][:2], 0, told.get("group", 1))


def _normalise(given: list[Any], told: Attributes) -> torch.Tensor:
    from torch.nn import functional

    picture, scale, shift, mean, variance = given
    return functional.batch_norm(picture, mean, variance, scale, shift, eps=told["epsilon"])


def _pool(given: list[Any], told: Attributes) -> torch.Tensor:
    from torch.nn import functional

    return functional.max_pool2d(given[0], told["kernel_shape"], told["strides"])


def _pad(given: list[Any], _: Attributes) -> torch.Tensor:
    from torch.nn import functional

    rank = len(given[1]) // 2
    pairs = [(given[1][axis], given[1][axis + rank]) for axis in reversed(range(rank))]
    return functional.pad(given[0], [pad for pair in pairs for pad in pair], value=float(given[2]))


def _resize(given: list[Any], told: Attributes) -> torch.Tensor:
    from torch.nn import functional

    assert told["mode"] == b"linear" and told["coordinate_transformation_mode"] == b"half_pixel"
    return functional.interpolate(given[0], size=given[3], mode="bilinear", align_corners=False)


def _reshape(given: list[Any], _: Attributes) -> torch.Tensor:
    shape = [given[0].shape[axis] if size == 0 else size for axis, size in enumerate(given[1])]
    reshaped: torch.Tensor = given[0].reshape(shape)
    return reshaped


def _bend(given: list[Any], _: Attributes) -> torch.Tensor:
    """A leaky ReLU with a slope a channel."""
    import torch

    return torch.where(given[0] >= 0, given[0], given[0] * given[1])


def _torch(name: str) -> Operation:
    """A function of torch that takes the inputs as they are."""

    def run(given: list[Any], _: Attributes) -> Any:
        import torch

        return getattr(torch, name)(*given)

    return run


def _leak(given: list[Any], told: Attributes) -> torch.Tensor:
    from torch.nn import functional

    return functional.leaky_relu(given[0], told["alpha"])


def _join(given: list[Any], told: Attributes) -> torch.Tensor:
    import torch

    return torch.cat(given, told["axis"])


OPERATIONS: dict[str, Operation] = {
    "Add": _torch("add"),
    "BatchNormalization": _normalise,
    "Concat": _join,
    "Conv": _convolve,
    "ConvTranspose": _enlarge,
    "Gather": lambda given, told: given[0][(slice(None),) * told["axis"] + (given[1],)],
    "LeakyRelu": _leak,
    "MatMul": _torch("matmul"),
    "MaxPool": _pool,
    "Mul": _torch("mul"),
    "PRelu": _bend,
    "Pad": _pad,
    "Relu": _torch("relu"),
    "Reshape": _reshape,
    "Resize": _resize,
    "Sigmoid": _torch("sigmoid"),
    "Softmax": lambda given, told: given[0].float().softmax(told["axis"]),
    "Split": lambda given, told: given[0].split(given[1], told["axis"]),
    "Sub": _torch("sub"),
    "Transpose": lambda given, told: given[0].permute(told["perm"]),
}
