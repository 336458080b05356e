"""Making torchvision importable beside a torch whose build its compiled operations do not fit.

The torchvision of the package index is built for CUDA; beside a CPU build of torch its import fails, and ultralytics imports it.
"""

from __future__ import annotations

from typing import Any

_kept: list[Any] = []  # torch forgets a library's definitions with the object


def repair(nms: Any) -> bool:
    """Import torchvision; where its operations do not load, declare those that its import asks for and put `nms` in place of its own.

    nms(boxes, scores, threshold): indices of the boxes that stay, the surest first. Whether a repair was needed. May run twice.
    """
    import torch

    try:
        import torchvision
    except RuntimeError:
        library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _kept.append(library)
        import torchvision

        torchvision.ops.nms = nms
    return bool(_kept)
