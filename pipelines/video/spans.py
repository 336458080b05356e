"""When the frames of one stream begin and end, as its packets say."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import MediaUnreadable

if TYPE_CHECKING:
    from av.packet import Packet


class Span:
    """The packets of one stream. starts, keys: seconds at which the frames begin, and those that need no other to be decoded.

    guessed: the file tells only the order of decoding. counted: a container that has no time stamps, only a rate, so that
    those of frames that are shown in another order are the reader's guess.
    """

    def __init__(self, *, counted: bool = False) -> None:
        self.packets = 0
        self.end = 0.0
        self.starts = array("d")
        self.keys = array("d")
        self.guessed = False
        self._counted = counted

    def add(self, path: Path, packet: Packet[Any]) -> None:
        """Raises MediaUnreadable for a damaged packet."""
        if packet.is_corrupt:
            raise MediaUnreadable(f"{path.name} is damaged or cut short", hint="Copy or make the file again.")
        stamp = packet.pts if packet.pts is not None else packet.dts
        if packet.size == 0 and stamp is None:  # the flush packet that ends a stream
            return
        self.packets += 1
        # An empty packet repeats the frame before it; a discarded one is cut away by the file's own edit list.
        if packet.size == 0 or packet.is_discard or stamp is None or packet.time_base is None:
            return
        self.guessed = self.guessed or packet.pts is None or (self._counted and packet.pts != packet.dts)
        start = float(stamp * packet.time_base)
        self.starts.append(start)
        self.end = max(self.end, start + float((packet.duration or 0) * packet.time_base))
        if packet.is_keyframe:
            self.keys.append(start)

    def settle(self, rate: float, beginning: float) -> array[float]:
        """The starts in order of showing. rate: frames a second from `beginning` on, which tells their times where the file does not."""
        self.starts = array("d", (beginning + n / rate for n in range(len(self.starts))) if self.guessed else sorted(self.starts))
        return self.starts

    def count_from(self, zero: float) -> None:
        self.starts = array("d", (start - zero for start in self.starts))
        self.keys = array("d", (key - zero for key in self.keys))
        self.end -= zero
