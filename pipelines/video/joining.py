"""Segments and sound joined to one file, nothing of them coded again: packets are copied, only their times are new."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StepFailed
from pipelines.video.coding import Coding, container_options
from pipelines.video.packets import Pictures, pictures
from pipelines.video.probe import MediaFacts
from pipelines.video.rendering import Progress, checked

if TYPE_CHECKING:
    from av.container import OutputContainer

_TELL_EVERY = 500  # packets


def join(
    parts: list[Path], sound: Path | None, target: Path, *, frames: int, fps: Fraction, coding: Coding, progress: Progress
) -> MediaFacts:
    """Write `target`; its facts, read from it. Frame n of the result is bit for bit the n-th of the segments.

    May run twice; an error or a cancel leaves no file. Raises StepFailed for segments that do not belong together, and
    for a result that is not exactly as long as promised.
    """
    looked = [pictures(part, fps) for part in parts]
    if len({one.header for one in looked}) > 1:
        raise StepFailed("The segments were coded by different encoders and cannot be joined", hint="Run the job again.")
    part = target.with_name(f".{uuid.uuid4().hex}-{target.name}")
    try:
        _write(parts, looked, sound, part, fps, coding, lambda done: progress(done / frames, f"joined {done} of {frames} frames"))
        facts = checked(part, frames=frames, fps=fps, sound=sound is not None)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return facts


def _write(
    parts: list[Path], looked: list[Pictures], sound: Path | None, part: Path, fps: Fraction, coding: Coding, told: Callable[[int], None]
) -> None:
    import av

    options = {str(name): str(value) for name, value in container_options(coding).items() if name != "f"}
    with av.open(str(part), "w", format=str(container_options(coding)["f"]), container_options=options) as output:
        picture = _picture_stream(output, parts[0], fps)
        with av.open(str(sound)) if sound else _Nothing() as heard:
            source = heard.streams.audio[0] if sound else None
            line = output.add_stream_from_template(source, opaque=True) if source is not None else None
            packets = _renewed(parts, looked, fps)
            sounds = (packet for packet in heard.demux(source) if packet.size) if sound else iter(())
            _interleaved(output, packets, picture, sounds, line, told)


def _picture_stream(output: OutputContainer, first: Path, fps: Fraction) -> Any:
    import av

    with av.open(str(first)) as container:
        source = container.streams.video[0]
        stream = output.add_stream_from_template(source, opaque=True)
        stream.codec_context.codec_tag = source.codec_context.codec_tag
    stream.time_base = 1 / fps
    return stream


def _renewed(parts: list[Path], looked: list[Pictures], fps: Fraction) -> Iterator[tuple[Any, int]]:
    """Every coded picture with its place in the whole; decoding times rise by one frame and never pass a frame's own time."""
    import av

    delay = max(one.delay for one in looked)
    begin = 0
    for path, found in zip(parts, looked, strict=True):
        with av.open(str(path)) as container:
            packets = (packet for packet in container.demux(container.streams.video[0]) if packet.size)
            for index, (place, packet) in enumerate(zip(found.places, packets, strict=True)):
                packet.time_base = 1 / fps
                packet.pts, packet.dts, packet.duration = begin + place, begin + index - delay, 1
                yield packet, begin + index
        begin += len(found.places)


def _interleaved(
    output: OutputContainer,
    pictures: Iterator[tuple[Any, int]],
    picture: Any,
    sounds: Iterator[Any],
    line: Any,
    told: Callable[[int], None],
) -> None:
    """Picture and sound side by side, as players read them."""
    waiting = next(sounds, None)
    for packet, index in pictures:
        reached = packet.dts * packet.time_base
        while waiting is not None and waiting.dts * waiting.time_base <= reached:
            waiting.stream = line
            output.mux(waiting)
            waiting = next(sounds, None)
        packet.stream = picture
        output.mux(packet)
        if index % _TELL_EVERY == 0:
            told(index)
    while waiting is not None:
        waiting.stream = line
        output.mux(waiting)
        waiting = next(sounds, None)


class _Nothing:
    """Stands for a sound that is not there."""

    def __enter__(self) -> Any:
        return None

    def __exit__(self, *_: object) -> None:
        return None
