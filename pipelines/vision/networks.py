"""ONNX networks, loaded once a process and kept warm, on the GPU where the runtime has one."""

from __future__ import annotations

import ctypes.util
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

NO_GPU = "runs on the CPU: onnxruntime sees no GPU here"
_SHAPES = 8  # networks that OpenCV keeps, one a shape

Engine = Literal["onnxruntime", "opencv"]


@dataclass(frozen=True)
class Network:
    """A loaded model. device: cpu or cuda:0, where it really runs. notes: why that is not what was asked for."""

    engine: str
    device: str
    notes: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)  # what the file says about itself

    @property
    def told(self) -> dict[str, str]:
        """What a result says about it."""
        return {"engine": self.engine, "device": self.device}

    def run(self, batch: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        """Every output for a (batch, channels, height, width) float32 input."""
        raise NotImplementedError


@functools.lru_cache(maxsize=8)
def load_network(path: Path, engine: Engine = "onnxruntime") -> Network:
    """May be called for each job: a file is loaded once a process.

    A GPU that onnxruntime does not see is used through torch. Falls back to OpenCV where onnxruntime is not installed.
    """
    if engine == "opencv":
        return OpenCvNetwork("opencv", "cpu", path=path)
    try:
        found = _onnxruntime(path)
    except ImportError:
        return OpenCvNetwork("opencv", "cpu", ["onnxruntime is not installed, so OpenCV runs the network"], path=path)
    return (_torch(path, found.metadata) if found.device == "cpu" else None) or found


@dataclass(frozen=True)
class OnnxruntimeNetwork(Network):
    session: Any = None

    def run(self, batch: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        found: list[np.ndarray[Any, Any]] = self.session.run(None, {self.session.get_inputs()[0].name: batch})
        return found


@dataclass(frozen=True)
class TorchNetwork(Network):
    graph: Any = None

    def run(self, batch: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        found: list[np.ndarray[Any, Any]] = self.graph.run(batch)
        return found


@dataclass(frozen=True)
class OpenCvNetwork(Network):
    path: Path = Path()
    _by_shape: dict[tuple[int, ...], Any] = field(default_factory=dict)

    def run(self, batch: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        """One loaded network a shape: OpenCV 4.14 answers wrongly when the shape of a network's input changes."""
        import cv2

        if batch.shape not in self._by_shape:
            if len(self._by_shape) >= _SHAPES:
                self._by_shape.clear()
            self._by_shape[batch.shape] = cv2.dnn.readNetFromONNX(str(self.path))
        network = self._by_shape[batch.shape]
        network.setInput(batch)
        return list(network.forward(network.getUnconnectedOutLayersNames()))


def _onnxruntime(path: Path) -> Network:
    import onnxruntime

    has_cuda = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"] if has_cuda else ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    device = "cuda:0" if "CUDAExecutionProvider" in session.get_providers() else "cpu"
    notes = [] if device != "cpu" else [NO_GPU]
    return OnnxruntimeNetwork("onnxruntime", device, notes, dict(session.get_modelmeta().custom_metadata_map), session=session)


def _torch(path: Path, metadata: dict[str, str]) -> Network | None:
    """On the GPU that torch sees; None where there is none, or the network has an operation that is not known to us."""
    if not ctypes.util.find_library("cuda"):  # no driver: not worth the seconds that torch takes to load
        return None
    import torch

    from pipelines.vision.torch_network import read_graph

    graph = read_graph(path, "cuda:0") if torch.cuda.is_available() else None
    return TorchNetwork("torch", "cuda:0", ["torch runs the network, on the GPU"], metadata, graph=graph) if graph else None
