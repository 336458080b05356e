"""An ONNX model exported for one size, opened for every batch, height and width; its network must be fully convolutional."""

from __future__ import annotations

from pathlib import Path


def open_sizes(parts: dict[str, Path], target: Path) -> None:
    """The only part, rewritten. Weights that are listed as inputs too (an old habit of exporters) become constants."""
    import onnx

    model = onnx.load(str(next(iter(parts.values()))))
    constants = {weight.name for weight in model.graph.initializer}
    pictures = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(pictures)
    for value in (*model.graph.input, *model.graph.output):
        batch, _, height, width = value.type.tensor_type.shape.dim
        batch.dim_param, height.dim_param, width.dim_param = "batch", f"height_{value.name}", f"width_{value.name}"
    del model.graph.value_info[:]
    target.write_bytes(model.SerializeToString(deterministic=True))
