"""`video.ugc` from end to end: exact lengths, sound in time, one seed one film, and clear words for what cannot be done."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from core.errors import Cancelled, InvalidInput, MediaUnreadable
from pipelines.video.captions import platform_area
from pipelines.video.process import standalone
from pipelines.video.ugc import recipe
from pipelines.video.ugc.microphone import band
from tests.pipelines.video.films import RATE, SMALL, Cook, Cooked, Films, level, number_of, numbered, strength, tone
from tests.pipelines.video.scenery import photo
from tests.pipelines.video.ugc.conftest import SPOKEN, speech

PLAIN: dict[str, Any] = {"video": "@a", "preset": "none", "shape": "source", "shorter_side": 128}
GROUND = (40, 90, 60)
TALL = (90, 160)


def digest(cooked: Cooked) -> str:
    return hashlib.sha256(cooked.path.read_bytes()).hexdigest()


def lumas(cooked: Cooked) -> NDArray[Any]:
    """The mean brightness of every frame."""
    return np.asarray(cooked.frames().mean(axis=(1, 2, 3)))


def test_nothing_asked_nothing_changed(films: Films, cook: Cook) -> None:
    """Without effects the film has its frames in order, its length, and its sound."""
    cooked = cook(recipe, {"a": films.numbered(60, sound=tone(440, 2.0))}, **PLAIN)
    assert [number_of(frame) for frame in cooked.frames()] == pytest.approx(list(range(60)), abs=1)
    assert (cooked.facts["frames"], cooked.facts["seconds"], cooked.facts["cuts"]) == (60, 2.0, 0)
    assert level(cooked.samples()) == pytest.approx(0.25 / np.sqrt(2), rel=0.03)


def test_silences_are_cut_from_picture_and_sound_alike(talk: Path, cook: Cook) -> None:
    """The frames that are left are the spoken ones, and the sound starts again with the frame on which it did."""
    cooked = cook(recipe, {"a": talk}, **{**PLAIN, "jump_cuts": 1.0, "fps": 25})
    numbers = [number_of(frame) for frame in cooked.frames()]
    kept = [number for start, end in cooked.facts["kept"] for number in range(round(start * 25), round(end * 25))]
    assert numbers == pytest.approx(kept, abs=1)
    assert cooked.facts["cuts"] == 2 and cooked.facts["seconds"] == pytest.approx(len(kept) / 25)
    sound, starts = cooked.samples(), [kept.index(round(begin * 25)) / 25 for begin, _ in SPOKEN[1:]]
    for begin in starts:
        assert level(sound, begin - 0.08, begin - 0.02) < 0.01
        assert level(sound, begin + 0.02, begin + 0.2) > 0.1
    assert abs(sound.shape[1] / RATE - len(kept) / 25) < 0.04


def test_punch_in_shows_every_other_part_closer(films: Films, cook: Cook) -> None:
    """A square in the middle is larger in the second part by as much as the strength says."""
    frame = np.zeros((96, 128, 3), np.uint8)
    frame[32:64, 48:80] = 255
    square = films.write("square.mp4", [frame] * 75, fps=25, sound=speech())
    cooked = cook(recipe, {"a": square}, **{**PLAIN, "jump_cuts": 1.0, "punch_in": 1.0, "fps": 25})
    areas = (cooked.frames()[..., 1] > 128).sum(axis=(1, 2))
    first = round((cooked.facts["kept"][0][1] - cooked.facts["kept"][0][0]) * 25)
    assert areas[first + 3] / areas[2] == pytest.approx(1.22**2, rel=0.05)
    assert areas[-2] == pytest.approx(areas[2], rel=0.03)


def test_the_mirror_turns_the_picture_but_not_the_words(films: Films, cook: Cook) -> None:
    """Left and right change places pixel by pixel; a burnt text reads as without the mirror."""
    half = np.zeros((160, 90, 3), np.uint8)
    half[:, :45] = (200, 60, 60)
    path = films.write("halves.mp4", [half] * 10)
    shown = cook(recipe, {"a": path}, **PLAIN).frames()[5].astype(int)
    turned = cook(recipe, {"a": path}, **{**PLAIN, "mirror": 1.0}).frames()[5].astype(int)
    assert abs(turned[:, ::-1] - shown).mean() < 2 and abs(turned - shown).mean() > 30
    plain = films.colour(GROUND, 0.4, size=TALL)
    texts = [cook(recipe, {"a": plain}, **{**PLAIN, "mirror": mirror, "hook": "Left to right"}).frames()[5] for mirror in (0.0, 1.0)]
    assert np.abs(texts[0].astype(int) - texts[1]).mean() < 1


def test_a_phones_microphone_passes_a_narrow_band(films: Films, cook: Cook) -> None:
    """Of a rumble, a voice and a hiss the voice comes through, on both channels alike; the length stays."""
    sound = tone(60, 1.5, 0.2) + tone(1000, 1.5, 0.2) + tone(12_000, 1.5, 0.2)
    path = films.write("three-tones.mp4", numbered(45), sound=sound)
    cooked = cook(recipe, {"a": path}, **{**PLAIN, "microphone": 1.0})
    heard = cooked.samples()
    low, voice, high = (strength(heard, hertz, 0.3, 1.4) for hertz in (60, 1000, 12_000))
    assert voice > 0.1 and low < voice / 50 and high < voice / 20
    assert band(1.0) == pytest.approx((300, 5500)) and np.abs(heard[0] - heard[1]).max() < 0.03
    assert cooked.facts["frames"] == 45


def test_light_wanders_slowly(films: Films, cook: Cook) -> None:
    """Exposure changes the brightness of a grey film, by small steps; white balance changes its colours and not much else."""
    grey = films.colour((120, 120, 120), 6.0, fps=5)
    exposed = lumas(cook(recipe, {"a": grey}, **{**PLAIN, "exposure": 1.0}))
    assert np.ptp(exposed) > 15 and np.abs(np.diff(exposed)).max() < 6
    warm = cook(recipe, {"a": grey}, **{**PLAIN, "white_balance": 1.0}).frames().mean(axis=(1, 2))
    assert np.ptp(warm[:, 0] - warm[:, 2]) > 8
    assert np.ptp(warm.mean(axis=1)) < np.ptp(exposed) / 2


def test_grain_sharpening_and_recompression_leave_their_marks(films: Films, cook: Cook) -> None:
    """Grain differs from frame to frame, sharpening steepens edges, an earlier generation loses detail."""
    still = films.write("coffee-small.mp4", [photo("coffee", (192, 128))] * 12)
    plain = cook(recipe, {"a": still}, **PLAIN).frames().astype(int)
    grainy = cook(recipe, {"a": still}, **{**PLAIN, "grain": 1.0, "coding": {"crf": 8}}).frames().astype(int)
    assert np.abs(np.diff(grainy, axis=0)).mean() > 4 * np.abs(np.diff(plain, axis=0)).mean() + 3

    def steepness(frames: NDArray[Any]) -> float:
        return float(np.abs(np.diff(frames[6].mean(axis=2), axis=1)).mean())

    sharp = cook(recipe, {"a": still}, **{**PLAIN, "sharpening": 1.0}).frames().astype(int)
    coarse = [cook(recipe, {"a": still}, **{**PLAIN, "recompression": part}).frames().astype(int) for part in (0.3, 1.0)]
    assert steepness(sharp) > 1.3 * steepness(plain)
    losses = [np.abs(frames - plain).mean() for frames in coarse]
    assert 0.5 < losses[0] < losses[1] and steepness(coarse[1]) < steepness(plain)


def test_hook_and_captions_stay_in_the_safe_area(films: Films, cook: Cook) -> None:
    """The hook is there from the first frame until its end, captions in their time, all inside what the platform leaves free."""
    words = [{"text": "really", "start": 0.6, "end": 0.8}, {"text": "good", "start": 0.8, "end": 1.0}]
    size = (180, 320)
    cooked = cook(
        recipe,
        {"a": films.colour(GROUND, 1.2, size=size)},
        **{**PLAIN, "shorter_side": 180, "hook": "Nobody told me", "hook_seconds": 0.4, "captions": {"words": words}, "platform": "reels"},
    )
    masks = np.abs(cooked.frames().astype(int) - np.array(GROUND)).max(axis=3) > 50
    area = platform_area(size, "reels")
    assert masks[0].any() and not masks[14].any() and masks[24].any() and masks[0][: size[1] // 2].sum() == masks[0].sum()
    rows, columns = np.nonzero(masks.any(axis=0))
    assert area.left <= columns.min() and columns.max() < area.right and area.top <= rows.min() and rows.max() < area.bottom


def test_one_seed_one_film(talk: Path, cook: Cook) -> None:
    """Everything at once, twice: the same bytes. Another seed: other bytes, same length."""
    asked = {"video": "@a", "preset": "old_phone", "shorter_side": 128, "jump_cuts": 0.9, "punch_in": 0.5, "hook": "Look", "fps": 25}
    first, again, other = (cook(recipe, {"a": talk}, **asked, seed=seed) for seed in (7, 7, 8))
    assert digest(first) == digest(again) != digest(other)
    assert first.facts["frames"] == other.facts["frames"]
    assert (first.facts["width"], first.facts["height"]) == (128, 228)


def test_progress_is_told_and_rises(talk: Path, cook: Cook) -> None:
    """From listening through looking to the last frame, never backwards."""
    cook(recipe, {"a": talk}, video="@a", preset="selfie", shorter_side=128)
    told = [fraction for fraction, _ in cook.told]
    assert told == sorted(told) and told[-1] == 1.0
    assert {"listening for silences", "looking for faces"} <= {words for _, words in cook.told}


def test_a_cancel_leaves_no_file(films: Films, cook: Cook) -> None:
    """Cancelled in the render with its two generations: over within two seconds, the folder is as before."""
    flag = threading.Event()
    stopped: list[float] = []
    still = films.write("coffee-900.mp4", [photo("coffee", SMALL)] * 900)

    class Stopping(Cook):
        def _tell(self, fraction: float, words: str) -> None:
            if "of 900" in words and not stopped:
                stopped.append(time.monotonic())
                flag.set()

    with pytest.raises(Cancelled):
        Stopping(cook.folder)(recipe, {"a": still}, standalone(flag), **{**PLAIN, "shake": 1.0, "recompression": 0.5, "shorter_side": 720})
    assert time.monotonic() - stopped[0] < 2
    assert not [path for path in cook.folder.rglob("*") if path.is_file()]


def test_jump_cuts_need_sound(films: Films, cook: Cook) -> None:
    """Asked for by name it is a fault with a pointer; out of a preset it is a note and the film is made."""
    silent = films.numbered(30)
    with pytest.raises(InvalidInput, match="has no sound") as caught:
        cook(recipe, {"a": silent}, **{**PLAIN, "jump_cuts": 0.5})
    assert caught.value.errors[0]["pointer"] == "/params/jump_cuts"
    cooked = cook(recipe, {"a": silent}, video="@a", preset="clean", shorter_side=128)
    assert any("no sound" in note for note in cooked.facts["notes"]) and cooked.facts["frames"] == 30


@pytest.mark.parametrize(
    ("params", "place", "words"),
    [
        ({"preset": "selfy"}, ("preset",), "the nearest are selfie"),
        ({"shake": 1.5}, ("shake",), "less than or equal to 1"),
        ({"hook_seconds": -1}, ("hook_seconds",), "greater than 0"),
        ({"seed": -1}, ("seed",), "greater than or equal to 0"),
        ({"wobble": 1}, ("wobble",), "not permitted"),
        ({"captions": {"words": [{"text": "a", "start": 2, "end": 1}]}}, ("captions", "words", 0, "end"), "ends at 1.0 s"),
    ],
)
def test_params_out_of_range(params: dict[str, object], place: tuple[object, ...], words: str) -> None:
    """Each with its own pointer; an unknown preset is answered with the nearest."""
    with pytest.raises(ValidationError) as caught:
        recipe.params.model_validate({"video": "7a4f2c9e-0d2c-4b3f-9d53-2f9a3c1f6a10", **params})
    (fault,) = caught.value.errors()
    assert fault["loc"] == place and words in fault["msg"]


@pytest.mark.parametrize(("content", "words"), [(b"", "0 bytes"), (b"words " * 90, "not a video")])
def test_files_that_are_no_video(cook: Cook, tmp_path: Path, content: bytes, words: str) -> None:
    """Nothing at all, and text under a video's name; no file is left."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=words):
        cook(recipe, {"a": path}, **PLAIN)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]
