"""What an ONNX export of a YOLO says about itself; files of strangers are looked at before anything loads them."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import MediaUnreadable

_HINT = "Export it with `yolo export model=… format=onnx`; PyTorch's .pt files run code when they are read and are not taken."


@dataclass(frozen=True)
class OnnxFacts:
    """size: (width, height) of the input. names: of the classes. is_batched: whether several pictures go in at once."""

    size: tuple[int, int]
    names: dict[int, str]
    is_batched: bool


@functools.lru_cache(maxsize=16)
def facts_of(path: Path) -> OnnxFacts:
    """Raises MediaUnreadable for a file that is no ONNX model, keeps its weights in other files, or detects no objects."""
    import onnx

    try:
        model = onnx.load(str(path), load_external_data=False)
        onnx.checker.check_model(model)
    except Exception as error:  # noqa: BLE001  (protobuf, onnx and its checker each raise their own)
        raise MediaUnreadable(f"the weights are no ONNX model that can be read: {str(error)[:200]}", hint=_HINT) from None
    if any(weight.data_location == onnx.TensorProto.EXTERNAL for weight in model.graph.initializer):
        raise MediaUnreadable("the ONNX model keeps its weights in another file", hint="Export it as one file.")
    told = {entry.key: entry.value for entry in model.metadata_props}
    batch, _, height, width = _input_shape(model)
    return OnnxFacts(_size(told, width, height), _names(told), not batch.dim_value)


def _input_shape(model: Any) -> Any:
    constants = {weight.name for weight in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    shape = inputs[0].type.tensor_type.shape.dim if len(inputs) == 1 else ()
    if len(shape) != 4:
        raise MediaUnreadable("the ONNX model does not take pictures (batch, 3, height, width)", hint=_HINT)
    return shape


def _size(told: dict[str, str], width: Any, height: Any) -> tuple[int, int]:
    if width.dim_value and height.dim_value:
        return int(width.dim_value), int(height.dim_value)
    sizes = _literal(told.get("imgsz", ""))
    return (int(sizes[1]), int(sizes[0])) if isinstance(sizes, list) and len(sizes) == 2 else (640, 640)


def _names(told: dict[str, str]) -> dict[int, str]:
    names = _literal(told.get("names", ""))
    if not isinstance(names, dict) or told.get("task") != "detect":
        raise MediaUnreadable("the ONNX model does not say which objects it detects (metadata `names`, task `detect`)", hint=_HINT)
    return {int(number): str(name) for number, name in names.items()}


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
