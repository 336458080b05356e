"""An ONNX graph under construction, with transpositions that are made only where an operation really needs them.

TensorFlow convolves with channels last, ONNX with channels first, so graphs that come from there are full of transpositions.
Two that undo each other vanish here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TO_FIRST = (0, 3, 1, 2)  # channels last → channels first
TO_LAST = (0, 2, 3, 1)
_OPSET, _IR = 18, 10

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Tensor:
    """The ONNX tensor `name`, to be read with its axes in the order `axes`; a constant also has its value, axes in order."""

    name: str
    axes: tuple[int, ...] = ()
    value: Any = None


@dataclass
class OnnxGraph:
    """Nodes and constants under construction. tensors: by the TensorFlow graph's names."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def add(self, op: str, inputs: list[str], count: int = 1, **attributes: Any) -> list[str]:
        """A node; the names of its outputs."""
        from onnx import helper

        names = [f"{op.lower()}{len(self.nodes)}_{n}" for n in range(count)]
        self.nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names

    def constant(self, value: Any) -> str:
        from onnx import numpy_helper

        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def read(self, tensor: Tensor, order: tuple[int, ...]) -> str:
        """The ONNX tensor with the axes of `tensor` in this order; transposed only if it is not so already."""
        due = tuple(tensor.axes[axis] for axis in order)
        if due == tuple(range(len(due))):
            return tensor.name
        return self.add("Transpose", [tensor.name], perm=list(due))[0]

    def model(self, name: str, inputs: Shapes, outputs: Shapes, facts: dict[str, Any]) -> bytes:
        """The finished file, checked; the same bytes each time. Shapes are without the batch, which is open."""
        import onnx
        from onnx import TensorProto, helper

        def told(shapes: Shapes) -> list[Any]:
            return [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape]) for name, shape in shapes.items()]

        made = helper.make_graph(self.nodes, name, told(inputs), told(outputs), self.constants)
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR, producer_name="drumbeat")
        helper.set_model_props(model, {name: str(value) for name, value in facts.items()})
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content
