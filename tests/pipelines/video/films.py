"""Small films whose every frame and sample is known, and a kitchen to cook recipes in."""

from __future__ import annotations

import hashlib
import subprocess
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from pipelines.recipe import Kitchen, Made, Recipe
from pipelines.video import ffmpeg
from pipelines.video.process import standalone

Pixels = NDArray[np.uint8]
Sound = NDArray[np.float32]  # (channels, samples), from -1 to 1
SMALL = (64, 48)
RATE = 48_000
STEP = 3  # levels of luma between two numbered frames


def tone(frequency: float, seconds: float, level: float = 0.25, channels: int = 2, rate: int = RATE) -> Sound:
    wave = np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate) * level
    return np.repeat(wave[None].astype(np.float32), channels, axis=0)


def numbered(count: int, size: tuple[int, int] = SMALL) -> list[Pixels]:
    """Grey frames, each a little lighter than the one before; `number_of` reads them."""
    return [np.full((size[1], size[0], 3), number * STEP, np.uint8) for number in range(count)]


def plain(colour: tuple[int, int, int], count: int, size: tuple[int, int] = SMALL) -> list[Pixels]:
    return [np.full((size[1], size[0], 3), colour, np.uint8)] * count


class Films:
    """Writes films into a folder of the session; a film of the same name is written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(
        self,
        name: str,
        frames: Iterable[Pixels],
        *,
        fps: Fraction | int = 30,
        times: list[int] | None = None,
        sound: Sound | None = None,
        layout: str = "stereo",
        codec: str = "libx264",
        pixels: str = "yuv420p",
        sound_rate: int = RATE,
        sound_codec: str = "aac",
        delay: float = 0.0,
        **context: Any,
    ) -> Path:
        """times: of the frames, in milliseconds, for a varying rate. delay: seconds until the sound begins. context: of the codec."""
        path = self.folder / name
        if path.exists():
            return path
        with av.open(str(path), "w") as container:
            options = {"preset": "ultrafast", "qp": "0", "x265-params": "log-level=none"} if "x26" in codec else {}
            pictures = list(frames)
            video: Any = container.add_stream(codec, rate=fps, options=options)
            video.width, video.height, video.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], pixels
            base = Fraction(1, 1000) if times else 1 / Fraction(fps)
            video.time_base = video.codec_context.time_base = base
            for key, value in {"colorspace": 1, "color_range": 1, "color_primaries": 1, "color_trc": 1, **context}.items():
                setattr(video if key == "sample_aspect_ratio" else video.codec_context, key, value)
            heard = container.add_stream(sound_codec, rate=sound_rate, layout=layout) if sound is not None else None
            for number, array in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(array, format="rgba" if array.shape[2] == 4 else "rgb24")
                frame = frame.reformat(format=pixels, dst_colorspace="ITU709" if video.codec_context.colorspace == 1 else None)
                frame.pts, frame.time_base = times[number] if times else number, base
                container.mux(video.encode(frame))
            container.mux(video.encode())
            if heard is not None and sound is not None:
                self._sound(container, heard, sound, layout, sound_rate, delay)
        return path

    def _sound(self, container: Any, stream: Any, sound: Sound, layout: str, rate: int, delay: float) -> None:
        for start in range(0, sound.shape[1], 1024):
            part = np.ascontiguousarray(sound[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, start + round(delay * rate), Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())

    def numbered(self, count: int = 60, fps: int = 30, **more: Any) -> Path:
        return self.write(_named("numbered", count, fps, more), numbered(count), fps=fps, **more)

    def colour(self, colour: tuple[int, int, int], seconds: float = 1.0, fps: int = 30, size: tuple[int, int] = SMALL, **more: Any) -> Path:
        name = _named("plain", colour, seconds, fps, size, more)
        return self.write(name, plain(colour, round(seconds * fps), size), fps=fps, **more)

    def made(self, name: str, graph: str, *options: str) -> Path:
        """By ffmpeg itself, from its own test sources."""
        path = self.folder / name
        if not path.exists():
            command = [ffmpeg.binary(), "-v", "error", "-f", "lavfi", "-i", graph, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0"]
            subprocess.run([*command, *options, str(path)], check=True)
        return path

    def recoded(self, path: Path, name: str, *options: str) -> Path:
        """A film in another container or codec, by ffmpeg."""
        target = self.folder / name
        if not target.exists():
            subprocess.run([ffmpeg.binary(), "-v", "error", "-i", str(path), *options, str(target)], check=True)
        return target

    def turned(self, path: Path, degrees: int) -> Path:
        target = path.with_name(f"turned-{degrees}-{path.name}")
        if not target.exists():
            command = [ffmpeg.binary(), "-v", "error", "-display_rotation", str(degrees), "-i", str(path), "-c", "copy", str(target)]
            subprocess.run(command, check=True)
        return target


def _named(*parts: Any) -> str:
    """A name for what was asked, sounds included."""
    told = repr(
        [
            {key: item.tobytes() if isinstance(item, np.ndarray) else item for key, item in part.items()}
            if isinstance(part, dict)
            else part
            for part in parts
        ]
    )
    return f"{parts[0]}-{hashlib.sha256(told.encode()).hexdigest()[:16]}.mp4"


@dataclass
class Cooked:
    made: Made
    path: Path

    @property
    def facts(self) -> dict[str, Any]:
        return self.made.facts

    def frames(self) -> Pixels:
        """(n, height, width, 3) RGB, by the colours that the file itself claims."""
        with av.open(str(self.path)) as container:
            return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])

    def samples(self) -> Sound:
        with av.open(str(self.path)) as container:
            return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


class Cook:
    """Runs recipes on local files: `cook(recipe, {"a": path}, file="@a", ...)`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[tuple[float, str]] = []

    def __call__(self, recipe: Recipe, files: dict[str, Path], run: Any = None, **params: Any) -> Cooked:
        ids = {name: uuid.uuid4() for name in files}
        quick = {"coding": {"preset": "ultrafast", "crf": 12}} if "coding" in recipe.params.model_fields else {}
        wanted = recipe.params.model_validate(_with_ids({**quick, **params}, ids))
        folder = self.folder / uuid.uuid4().hex
        folder.mkdir()
        kitchen = Kitchen({ids[name]: path for name, path in files.items()}, folder, run or standalone(), self._tell)
        made = recipe.make(wanted, kitchen)
        return Cooked(made, made.products[0].path)

    def _tell(self, fraction: float, words: str) -> None:
        self.told.append((fraction, words))


def _with_ids(value: Any, ids: dict[str, uuid.UUID]) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        return str(ids[value[1:]])
    if isinstance(value, dict):
        return {key: _with_ids(item, ids) for key, item in value.items()}
    return [_with_ids(item, ids) for item in value] if isinstance(value, list) else value


def number_of(frame: Pixels) -> int:
    """Which of the `numbered` frames this is, seen in its middle."""
    middle = frame[frame.shape[0] // 2 - 1 : frame.shape[0] // 2 + 1, frame.shape[1] // 2 - 1 : frame.shape[1] // 2 + 1]
    return round(float(middle.mean()) / STEP)


def drawn(node: Any, size: tuple[int, int], alpha: bool = False) -> Pixels:
    """The frames of an ffmpeg-python node as RGB, or RGBA, without a codec between."""
    kept = "rgba" if alpha else "rgb24"
    raw = _output(node.filter("scale", in_color_matrix="bt709", in_range="tv").filter("format", kept), f="rawvideo", pix_fmt=kept)
    return np.frombuffer(raw, np.uint8).reshape(-1, size[1], size[0], 4 if alpha else 3)


def drawn_rgb(node: Any, size: tuple[int, int]) -> Pixels:
    """The frames of a node that is RGB already."""
    return np.frombuffer(_output(node, f="rawvideo", pix_fmt="rgb24"), np.uint8).reshape(-1, size[1], size[0], 3)


def heard(node: Any) -> Sound:
    """The samples of an ffmpeg-python node."""
    return np.frombuffer(_output(node, f="f32le"), np.float32).reshape(-1, 2).T


def level(sound: Sound, start: float = 0.0, end: float | None = None) -> float:
    """RMS of the first channel between two seconds."""
    part = sound[0, round(start * RATE) : None if end is None else round(end * RATE)]
    return float(np.sqrt(np.mean(np.square(part, dtype=np.float64))))


def strength(sound: Sound, frequency: float, start: float = 0.0, end: float | None = None) -> float:
    """Amplitude of one frequency in the first channel between two seconds."""
    part = sound[0, round(start * RATE) : None if end is None else round(end * RATE)].astype(np.float64)
    turning = np.exp(-2j * np.pi * frequency * np.arange(len(part)) / RATE)
    return float(abs((part * np.hanning(len(part)) * turning).sum()) / np.hanning(len(part)).sum() * 2)


def _output(node: Any, **options: Any) -> bytes:
    import ffmpeg as graph

    command = ffmpeg.command(graph.output(node, "pipe:", **options))
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
