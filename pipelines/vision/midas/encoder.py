"""The backbone of the object detector NanoDet in torch: what it learned to see on photographs, as maps of three sizes.

The weights are the model store's row `nanodet`, as their publisher trained them. torch runs the file's first nodes
itself, so that they run on the device that the rest of the network is on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (128, 256, 512)


class Backbone(nn.Module):
    """(n, 3, h, w) pictures, 0..1, sides multiples of 32 -> maps of an 8th, a 16th and a 32nd of their size, `WIDTHS` deep."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError for a file that does not begin as NanoDet's does."""
        super().__init__()
        import onnx
        from onnx import numpy_helper

        graph = onnx.load(str(path)).graph
        self._nodes = _until_neck(list(graph.node))
        self._input = graph.input[0].name
        wanted = {name for node in self._nodes for name in node["inputs"]}
        for constant in graph.initializer:
            if constant.name in wanted:
                self.register_buffer(constant.name, torch.from_numpy(numpy_helper.to_array(constant).copy()))

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> list[Tensor]:
        values, by_size = {self._input: pictures}, {}
        for node in self._nodes:
            inputs = [values[name] if name in values else getattr(self, name) for name in node["inputs"]]
            values[node["output"]] = made = _run(node, inputs)
            if node["operation"] == "Concat":
                by_size[made.shape[2]] = made  # the last one of a size is that stage's outcome
        return list(by_size.values())[-len(WIDTHS) :]


def _until_neck(nodes: list[Any]) -> list[dict[str, Any]]:
    """The nodes before the first that joins the stages, which enlarges a map."""
    import onnx

    operations = [node.op_type for node in nodes]
    if "Resize" not in operations or "Concat" not in operations:
        raise ValueError("the file holds no network like NanoDet")
    kept = nodes[: operations.index("Resize")]
    last = max(index for index, node in enumerate(kept) if node.op_type == "Concat")
    return [
        {
            "operation": node.op_type,
            "inputs": list(node.input),
            "output": node.output[0],
            **{attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute},
        }
        for node in kept[: last + 1]
    ]


def _run(node: dict[str, Any], inputs: list[Tensor]) -> Tensor:
    """One node, for the operations that the backbone has. Paddings are nodes of their own there."""
    operation, first = node["operation"], inputs[0]
    if operation == "Conv":
        return functional.conv2d(first, inputs[1], stride=node["strides"])
    if operation == "Pad":
        _, _, top, left, _, _, bottom, right = inputs[1].tolist()
        return functional.pad(first, (left, right, top, bottom), value=float(inputs[2]))
    if operation == "MaxPool":
        return functional.max_pool2d(first, node["kernel_shape"], node["strides"])
    if operation == "LeakyRelu":
        return functional.leaky_relu(first, node["alpha"])
    if operation == "Concat":
        return torch.cat(inputs, node["axis"])
    if operation == "Gather":
        return first.index_select(node["axis"], inputs[1])
    if operation == "Add":
        return first + inputs[1]
    if operation == "Mul":
        return first * inputs[1]
    raise ValueError(f"the backbone holds an unknown operation, {operation}")
