"""A TensorFlow.js graph model as an ONNX graph, the batch size left open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import ModelUnavailable
from pipelines.vision.conversion.graph import TO_LAST, OnnxGraph, Tensor
from pipelines.vision.conversion.operations import OPERATIONS

INPUT = "images"


def read_graph(model: Path, weights: Path) -> OnnxGraph:
    """The graph of a `model.json` with all its weights in one file. Its input is the tensor `INPUT`, (batch, 3, height, width).

    Raises ModelUnavailable for an operation that is not among `OPERATIONS`.
    """
    document = json.loads(model.read_text())
    graph = OnnxGraph()
    constants = _weights(document["weightsManifest"], weights.read_bytes())
    for node in document["modelTopology"]["node"]:
        name, op = node["name"], node["op"]
        if op == "Const":
            graph.tensors[name] = Tensor("", value=constants[name])
        elif op == "Placeholder":
            graph.tensors[name] = Tensor(INPUT, _axes(node["attr"]["shape"]["shape"]["dim"]))
        elif op in OPERATIONS:
            given = [graph.tensors[wanted.removesuffix(":0")] for wanted in node["input"]]
            made = OPERATIONS[op](graph, given, node.get("attr", {}))
            graph.tensors |= {name if n == 0 else f"{name}:{n}": tensor for n, tensor in enumerate(made)}
        else:
            raise ModelUnavailable(f"{model.name} has an operation {op}, which is not converted")
    return graph


def _axes(shape: list[dict[str, str]]) -> tuple[int, ...]:
    """How the graph reads a picture with its three channels first."""
    return TO_LAST if shape[-1]["size"] == "3" else (0, 1, 2, 3)


def _weights(manifest: list[Any], content: bytes) -> dict[str, Any]:
    """Every constant; halves come back as single precision."""
    import numpy as np

    found, at = {}, 0
    for weight in (weight for group in manifest for weight in group["weights"]):
        stored = np.dtype(weight.get("quantization", {}).get("dtype", weight["dtype"]))
        count = int(np.prod(weight["shape"]))
        values = np.frombuffer(content, stored, count, at).reshape(weight["shape"])
        found[weight["name"]] = values.astype(weight["dtype"])
        at += count * stored.itemsize
    return found
