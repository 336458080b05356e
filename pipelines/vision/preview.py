"""What a detector found, drawn onto what it looked at."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.recipe import Product
from pipelines.vision.letterbox import reduced
from pipelines.vision.sources import Frame

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LONGEST = 1280  # pixels
_MILLISECONDS = Fraction(1, 1000)


@dataclass
class Canvas:
    """A picture to draw on. Coordinates are the original's."""

    pixels: Array
    scale: float

    def box(self, corners: list[float], label: str, colour: tuple[int, int, int] = (0, 200, 83)) -> None:
        import cv2

        (left, top), (right, bottom) = self._at(corners[:2]), self._at(corners[2:])
        cv2.rectangle(self.pixels, (left, top), (right, bottom), colour, self._line)
        if label:
            size = max(self.pixels.shape[:2]) / 1600
            (width, height), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
            foot = max(top, height + 8)
            cv2.rectangle(self.pixels, (left, foot - height - 8), (left + width + 6, foot), colour, -1)
            cv2.putText(self.pixels, label, (left + 3, foot - 5), cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 1, cv2.LINE_AA)

    def points(self, points: Iterable[Iterable[float]], colour: tuple[int, int, int] = (255, 214, 0)) -> None:
        import cv2

        for point in points:
            cv2.circle(self.pixels, self._at(point), self._line, colour, -1, cv2.LINE_AA)

    def lines(self, points: list[list[float]], pairs: Iterable[tuple[int, int]], colour: tuple[int, int, int] = (41, 121, 255)) -> None:
        import cv2

        for first, second in pairs:
            cv2.line(self.pixels, self._at(points[first]), self._at(points[second]), colour, self._line, cv2.LINE_AA)

    @property
    def _line(self) -> int:
        return max(2, int(max(self.pixels.shape[:2])) // 500)

    def _at(self, point: Iterable[float]) -> tuple[int, int]:
        x, y = list(point)[:2]
        return round(x * self.scale), round(y * self.scale)


Draw = Callable[[Canvas, dict[str, Any]], None]


@dataclass
class Preview:
    """A drawn JPEG of every still, a drawn MP4 of every film with the frames that were looked at, at their times."""

    folder: Path
    draw: Draw
    products: list[Product] = field(default_factory=list)
    _film: tuple[uuid.UUID, float, Any, Any] | None = None

    def add(self, frame: Frame, items: list[dict[str, Any]]) -> None:
        """Frames come in the order of `sources.frames`."""
        fitted = reduced(frame.pixels, LONGEST, 2 if frame.seconds is not None else 1)
        canvas = Canvas(fitted.pixels.copy(), fitted.scale)
        for item in items:
            self.draw(canvas, item)
        if self._film and self._film[0] != frame.source:
            self.close()
        if frame.seconds is None:
            self._save(canvas.pixels)
        else:
            self._append(frame.source, frame.seconds, canvas.pixels)

    def close(self) -> None:
        """End the film that is being written. May run twice."""
        if self._film:
            _, _, container, stream = self._film
            container.mux(stream.encode())
            container.close()
            self._film = None

    def _save(self, pixels: Array) -> None:
        from PIL import Image

        path = self._next("jpg", "image/jpeg")
        Image.fromarray(pixels).save(path, quality=88)

    def _append(self, source: uuid.UUID, seconds: float, pixels: Array) -> None:
        import av

        if self._film is None:
            container = av.open(str(self._next("mp4", "video/mp4")), "w")
            stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "23"})
            stream.height, stream.width = pixels.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = _MILLISECONDS
            self._film = (source, seconds, container, stream)
        _, begin, container, stream = self._film
        picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        picture.pts, picture.time_base = round((seconds - begin) * 1000), _MILLISECONDS
        container.mux(stream.encode(picture))

    def _next(self, ending: str, media_type: str) -> Path:
        path = self.folder / f"preview-{len(self.products) + 1}.{ending}"
        self.products.append(Product(path, media_type, path.name, role="preview"))
        return path
