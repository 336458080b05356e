"""`vision.faces`: faces in pictures and films: boxes, scores, five points each, on request a mesh of 468 points."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pipelines.recipe import Kitchen, Made, Recipe
from pipelines.vision import centerface, haar
from pipelines.vision.detection import Detector, Found, examine
from pipelines.vision.face_mesh import FaceMesh
from pipelines.vision.networks import Engine, load_network
from pipelines.vision.preview import Canvas
from pipelines.vision.sources import Frame, Sources

BATCH = 8


class FacesParams(Sources):
    """Where the faces are."""

    model: Literal["centerface", "haar"] = Field(default="centerface", description="haar: OpenCV's cascade; needs no weights, finds less")
    engine: Engine = Field(default="onnxruntime", description="what runs centerface; OpenCV's dnn is slower")
    min_score: float = Field(default=0.5, ge=0.05, le=1, description="of a face, from 0 to 1; haar gives no scores")
    longest_side: int = Field(default=960, ge=160, le=3840, description="larger pictures are reduced to this; more finds smaller faces")
    mesh: bool = Field(default=False, description="also 468 points a face, in the JSON file")


def make(params: FacesParams, kitchen: Kitchen) -> Made:
    return examine(params, kitchen, detector(params, kitchen))


def detector(params: FacesParams, kitchen: Kitchen) -> Detector:
    """With its weights loaded."""
    mesh = FaceMesh(load_network(kitchen.weight("face-mesh"))) if params.mesh else None
    if params.model == "haar":
        find, facts, notes = haar.find, {"model": "haar", "engine": "opencv", "device": "cpu"}, []
    else:
        network = load_network(kitchen.weight("centerface"), params.engine)
        facts, notes = {"model": "centerface", **network.told}, network.notes

        def find(frames: list[Frame]) -> list[Found]:
            return centerface.find(network, frames, longest=params.longest_side, least=params.min_score)

    def meshed(frames: list[Frame]) -> list[Found]:
        found = find(frames)
        return [mesh.added(frame, faces) for frame, faces in zip(frames, found, strict=True)] if mesh else found

    return Detector("faces", meshed, _draw, BATCH, facts, notes)


def _draw(canvas: Canvas, face: dict[str, Any]) -> None:
    canvas.box(face["box"], f"{face['score']:.2f}" if face["score"] is not None else "")
    canvas.points(face.get("mesh") or face.get("points", {}).values())


recipe = Recipe("vision.faces", FacesParams, make, pool="gpu", summary="Faces in pictures and films: boxes, scores, points.")
