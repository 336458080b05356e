"""How strong each effect is: given one by one, or by the name of a preset."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from core.params import Params
from pipelines.video.faults import known

EFFECTS = (
    "shake",
    "reframe",
    "exposure",
    "white_balance",
    "grain",
    "sharpening",
    "recompression",
    "jump_cuts",
    "punch_in",
    "mirror",
    "microphone",
)

PRESETS: dict[str, dict[str, float]] = {
    "selfie": {
        "shake": 0.45,
        "reframe": 1.0,
        "exposure": 0.4,
        "white_balance": 0.35,
        "grain": 0.3,
        "sharpening": 0.6,
        "recompression": 0.35,
        "jump_cuts": 0.6,
        "punch_in": 0.5,
        "mirror": 1.0,
        "microphone": 0.6,
    },
    "street": {
        "shake": 0.9,
        "reframe": 0.8,
        "exposure": 0.7,
        "white_balance": 0.5,
        "grain": 0.3,
        "sharpening": 0.7,
        "recompression": 0.5,
        "microphone": 0.9,
    },
    "review": {
        "shake": 0.15,
        "reframe": 1.0,
        "exposure": 0.25,
        "white_balance": 0.2,
        "grain": 0.2,
        "sharpening": 0.5,
        "recompression": 0.25,
        "jump_cuts": 0.8,
        "punch_in": 0.8,
        "microphone": 0.4,
    },
    "unboxing": {
        "shake": 0.35,
        "reframe": 0.5,
        "exposure": 0.5,
        "white_balance": 0.5,
        "grain": 0.25,
        "sharpening": 0.6,
        "recompression": 0.3,
        "jump_cuts": 0.4,
        "punch_in": 0.4,
        "microphone": 0.5,
    },
    "old_phone": {
        "shake": 0.6,
        "reframe": 0.6,
        "exposure": 0.8,
        "white_balance": 0.8,
        "grain": 0.8,
        "sharpening": 1.0,
        "recompression": 0.9,
        "microphone": 1.0,
    },
    "clean": {"reframe": 1.0, "jump_cuts": 0.6, "punch_in": 0.4},
    "none": {},
}

PresetName = Annotated[str, AfterValidator(known("preset", PRESETS)), Field(examples=list(PRESETS))]


def _strength(says: str) -> Any:
    return Field(default=None, ge=0, le=1, allow_inf_nan=False, description=f"0 to 1; {says}")


class Strengths(Params):
    """A preset, and what is to be stronger or weaker than in it."""

    preset: PresetName = Field(default="selfie", description=f"one of {', '.join(PRESETS)}")
    shake: float | None = _strength("a hand that holds the camera")
    reframe: float | None = _strength("how closely the crop follows faces")
    exposure: float | None = _strength("the automatic exposure wanders")
    white_balance: float | None = _strength("colours wander between warm and cool")
    grain: float | None = _strength("noise of a small sensor")
    sharpening: float | None = _strength("edges as phones draw them")
    recompression: float | None = _strength("marks of an earlier, coarser encoding")
    jump_cuts: float | None = _strength("silences are cut out: at 1 those from 0.3 s on, at 0.5 from 0.6 s")
    punch_in: float | None = _strength("every other part between jump cuts is seen closer")
    mirror: float | None = _strength("from 0.5 on the picture is mirrored, as a front camera shows it")
    microphone: float | None = _strength("sound as a phone's microphone takes it in a room")

    def of(self, effect: str) -> float:
        """The effect's strength: as given, else the preset's."""
        given: float | None = getattr(self, effect)
        return PRESETS[self.preset].get(effect, 0.0) if given is None else given
