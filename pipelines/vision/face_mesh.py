"""468 points on a face that was found: cut out upright along the line of its eyes, then put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.vision.detection import rounded
from pipelines.vision.networks import Network
from pipelines.vision.sources import Frame

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_SIZE = 192  # pixels of the network's input
_MARGIN = 1.5  # the cut is so much larger than the face's box, as in the network's training
_LEAST = 0.5  # of the network's own belief that it sees a face


@dataclass(frozen=True)
class FaceMesh:
    network: Network

    def added(self, frame: Frame, faces: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The faces with `mesh`: x and y in pixels of the original, z as far again from the face's middle; None where it does not fit."""
        import cv2
        import numpy as np

        if not faces:
            return faces
        placed = [_placement(face) for face in faces]
        cuts = [cv2.warpAffine(frame.pixels, one, (_SIZE, _SIZE), borderMode=cv2.BORDER_REPLICATE) for one in placed]
        batch = np.stack(cuts).transpose(0, 3, 1, 2).astype(np.float32) / 255
        meshes, sure = self.network.run(np.ascontiguousarray(batch))
        return [
            {**face, "mesh": _back(mesh.reshape(-1, 3), one) if belief >= _LEAST else None}
            for face, mesh, one, belief in zip(faces, meshes, placed, sure.ravel(), strict=True)
        ]


def _placement(face: dict[str, Any]) -> Array:
    """The (2, 3) matrix from the original's pixels to the cut's."""
    import cv2
    import numpy as np

    left, top, right, bottom = face["box"]
    side = _MARGIN * max(right - left, bottom - top, 1.0)
    angle = 0.0
    if points := face.get("points"):
        (x1, y1), (x2, y2) = points["left_eye"], points["right_eye"]
        angle = float(np.degrees(np.arctan2(y2 - y1, x2 - x1)))
    middle = ((left + right) / 2, (top + bottom) / 2)
    matrix: Array = np.array(cv2.getRotationMatrix2D(middle, angle, _SIZE / side))
    matrix[:, 2] = matrix[:, 2] + _SIZE / 2 - np.array(middle)
    return matrix


def _back(mesh: Array, placement: Array) -> list[Any]:
    import cv2
    import numpy as np

    inverse = np.array(cv2.invertAffineTransform(placement))
    flat = mesh[:, :2] @ inverse[:, :2].T + inverse[:, 2]
    depth = mesh[:, 2:] * np.hypot(*inverse[0, :2])
    return rounded(np.concatenate([flat, depth], axis=1))
