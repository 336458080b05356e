"""Coded pictures as they lie in a file, looked at without decoding them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from core.errors import MediaUnreadable
from pipelines.video.ffmpeg import MEDIA_FORMATS


@dataclass(frozen=True)
class Pictures:
    """places: of each coded picture, in the file's order, the number of the frame that it is. header: what decoders need first."""

    places: list[int]
    begins_with_key: bool
    header: bytes

    @property
    def delay(self) -> int:
        """Pictures that a decoder must have read before it can show the first one."""
        return max((index - place for index, place in enumerate(self.places)), default=0)


def pictures(path: Path, fps: Fraction) -> Pictures:
    """Raises MediaUnreadable for a file that cannot be read or has frames twice or left out."""
    import av

    stamps: list[Fraction] = []
    keys: list[bool] = []
    try:
        with av.open(str(path), options={"format_whitelist": MEDIA_FORMATS}) as container:
            stream = container.streams.video[0]
            header = bytes(stream.codec_context.extradata or b"")
            for packet in container.demux(stream):
                if packet.size and packet.pts is not None and packet.time_base is not None:
                    stamps.append(packet.pts * packet.time_base)
                    keys.append(packet.is_keyframe)
    except (av.error.FFmpegError, IndexError) as error:
        raise MediaUnreadable(f"{path.name} cannot be read: {error}") from None
    begin = min(stamps, default=Fraction(0))
    places = [round((stamp - begin) * fps) for stamp in stamps]
    if sorted(places) != list(range(len(places))):
        raise MediaUnreadable(f"{path.name} does not have its frames at an even rate")
    return Pictures(places, bool(keys) and keys[0] and places[0] == 0, header)
