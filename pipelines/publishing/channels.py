"""What each social channel takes: how long a post may be, how many hashtags read well, which media suit it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import twitter_text

from core.errors import InvalidInput


@dataclass(frozen=True)
class Channel:
    name: str
    limit: int  # in the channel's own count, see `length`
    hashtags: int
    media: tuple[str, ...]  # roles of assets, the most fitting first; a post carries the first that exists

    def length(self, text: str) -> int:
        """Characters as the channel counts them: X weighs them and counts every URL as 23."""
        composed = unicodedata.normalize("NFC", text)
        return int(twitter_text.parse_tweet(composed).weightedLength) if self.name == "x" else len(composed)


WIDE_FIRST = ("video-16x9", "video-9x16", "image")
TALL_FIRST = ("video-9x16", "video-16x9", "image")
CHANNELS = {
    channel.name: channel
    for channel in (
        Channel("x", 280, 2, WIDE_FIRST),
        Channel("linkedin", 3000, 3, WIDE_FIRST),
        Channel("instagram", 2200, 5, TALL_FIRST),
        Channel("facebook", 5000, 2, WIDE_FIRST),
        Channel("tiktok", 2200, 4, TALL_FIRST[:2]),
    )
}


def channel_named(name: str) -> Channel:
    """Raises InvalidInput naming the channels there are."""
    if name not in CHANNELS:
        raise InvalidInput(f"there is no channel {name!r}", hint=f"Channels: {', '.join(CHANNELS)}.")
    return CHANNELS[name]
