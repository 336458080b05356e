"""MediaPipe's face mesh (Kartynnik et al. 2019): 468 points of a face in a picture of 192 × 192.

Input: RGB from 0 to 1, (batch, 3, 192, 192). Outputs: (batch, 1404), x, y and z of each point in pixels of the input, and
(batch, 1), how sure it is a face.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.vision.conversion.tfjs import INPUT, read_graph

SIZE = 192


def mesh_onnx(parts: dict[str, Path], target: Path) -> None:
    """Convert. Raises ModelUnavailable for a graph that is not the mesh's."""
    graph = read_graph(parts["facemesh.json"], parts["facemesh.bin"])
    mesh, sure = (graph.read(graph.tensors[name], (0, 1)) for name in ("Identity_2", "Identity_1"))
    target.write_bytes(graph.model("facemesh", {INPUT: (3, SIZE, SIZE)}, {mesh: (1404,), sure: (1,)}, {}))
