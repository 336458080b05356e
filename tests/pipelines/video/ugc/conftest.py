"""A cook with the face model, and films in which people speak, pause and move."""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import pytest

from pipelines.recipe import Kitchen
from pipelines.video.process import standalone
from pipelines.vision.models import row_of
from providers.weights.store import ModelStore
from tests.pipelines.video.films import RATE, Films, Pixels, Sound, numbered, tone
from tests.pipelines.video.scenery import photo
from tests.weights import pulled

SPOKEN = ((0.0, 0.6), (1.2, 1.7), (2.4, 3.0))  # seconds in which there is sound
SECONDS = 3.0
PANNED = (320, 180)


def speech() -> Sound:
    """A loud tone with two pauses, over the faint noise that every room has."""
    noise = np.random.default_rng(1).standard_normal(round(SECONDS * RATE)).astype(np.float32) * 0.0004
    clock = np.arange(round(SECONDS * RATE)) / RATE
    open_ = sum(((clock >= start) & (clock < end)) for start, end in SPOKEN)
    return np.stack([(tone(400, SECONDS)[0] * np.asarray(open_, np.float32) + noise)] * 2)


def places(count: int) -> list[int]:
    """The left edge of the person in each frame of `panned`: from one side to the other, gently at both ends."""
    return [round(10 + 180 * (0.5 - 0.5 * np.cos(np.pi * number / count))) for number in range(count)]


def panned(count: int = 90) -> list[Pixels]:
    """A person who walks from left to right, before gravel."""
    ground, person = photo("gravel", PANNED), photo("astronaut", (160, 160))[:140, 20:140]
    frames = []
    for left in places(count):
        frame = ground.copy()
        frame[30:170, left : left + 120] = person
        frames.append(frame)
    return frames


@pytest.fixture(scope="session")
def talk(films: Films) -> Path:
    """Numbered frames and speech with pauses: what is cut can be read from every frame."""
    return films.write("talk.mp4", numbered(75), fps=25, sound=speech())


@pytest.fixture(scope="session")
def walker(films: Films) -> Path:
    return films.write("walker.mp4", panned())


@pytest.fixture(scope="session")
def models() -> ModelStore:
    return pulled()


@pytest.fixture
def kitchen(models: ModelStore, tmp_path: Path) -> Kitchen:
    """With the models of the store and no files."""
    return Kitchen({uuid.uuid4(): tmp_path}, tmp_path, standalone(), lambda part, words: None, lambda name: models.weight(row_of(name)))
