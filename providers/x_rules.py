"""X's rules for a post, known without calling X: weighted length, kinds, numbers and sizes of media."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from twitter_text import parse_tweet

from core.errors import MediaUnreadable, UnsupportedMedia
from providers.contracts.social import Media, PostFault
from providers.sniff import Sniffed, sniff

MEGABYTE = 1024 * 1024
TEXT_WEIGHT = 280
ALT_TEXT = 1000
LARGEST_VIDEO = (1280, 1024)
_LARGEST = {"tweet_image": 5 * MEGABYTE, "tweet_gif": 15 * MEGABYTE, "tweet_video": 512 * MEGABYTE}
_CATEGORIES = {
    "image/png": "tweet_image",
    "image/jpeg": "tweet_image",
    "image/webp": "tweet_image",
    "image/gif": "tweet_gif",
    "video/mp4": "tweet_video",
    "video/quicktime": "tweet_video",
}
_CASHTAG = re.compile(r"(?<!\S)\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?!\w)")


def category(media_type: str) -> str:
    """X's media_category. Raises UnsupportedMedia."""
    if media_type not in _CATEGORIES:
        raise UnsupportedMedia(f"X takes no {media_type}", hint=f"X takes {', '.join(_CATEGORIES)}.")
    return _CATEGORIES[media_type]


def faults(text: str, media: list[Media]) -> list[PostFault]:
    return [*_of_text(text, bool(media)), *_of_mixture(media), *(f for i, m in enumerate(media) for f in _of_media(m, f"/media/{i}"))]


def _of_text(text: str, has_media: bool) -> Iterator[PostFault]:
    if not text.strip():
        if not has_media:
            yield PostFault("/text", "a post needs text or media")
        return
    parsed = parse_tweet(unicodedata.normalize("NFC", text))
    if parsed.weightedLength > TEXT_WEIGHT:
        yield PostFault("/text", f"the text weighs {parsed.weightedLength} of {TEXT_WEIGHT} (links count 23, emoji and CJK characters 2)")
    elif not parsed.valid:
        yield PostFault("/text", "the text holds characters that X refuses")
    if len(_CASHTAG.findall(text)) > 1:
        yield PostFault("/text", "X allows one cashtag ($…) a post")


def _of_mixture(media: list[Media]) -> Iterator[PostFault]:
    kinds = [_CATEGORIES.get(m.media_type) for m in media]
    if len(media) > 4 or (len(media) > 1 and any(k != "tweet_image" for k in kinds)):
        yield PostFault("/media", "a post takes up to 4 images, or 1 GIF, or 1 video")


def _of_media(media: Media, pointer: str) -> Iterator[PostFault]:
    if len(media.alt_text) > ALT_TEXT:
        yield PostFault(pointer, f"the alt text has {len(media.alt_text)} of {ALT_TEXT} characters")
    try:
        kind, found = category(media.media_type), sniff(media.path)
    except (UnsupportedMedia, MediaUnreadable) as error:
        yield PostFault(pointer, error.detail)
        return
    if found.media_type != media.media_type:
        yield PostFault(pointer, f"the file is {found.media_type}, not {media.media_type}")
    size, largest = media.path.stat().st_size, _LARGEST[kind]
    if size > largest:
        yield PostFault(pointer, f"the file has {size / MEGABYTE:.1f} MB of {largest // MEGABYTE} MB")
    if kind == "tweet_gif":
        yield from _of_gif(found, pointer)
    if kind == "tweet_video":
        yield from _of_video(found, pointer)


def _of_gif(found: Sniffed, pointer: str) -> Iterator[PostFault]:
    width, height, frames = found.width or 0, found.height or 0, found.frames or 1
    if width > 1280 or height > 1080 or frames > 350 or width * height * frames > 300_000_000:
        yield PostFault(
            pointer, f"the GIF has {frames} frame(s) of {width} × {height}; X takes 350 of 1280 × 1080, 300 million pixels in all"
        )


def _of_video(found: Sniffed, pointer: str) -> Iterator[PostFault]:
    short, long = sorted((found.width or 0, found.height or 0))
    if short < 32 or long > LARGEST_VIDEO[0] or short > LARGEST_VIDEO[1] or long > 3 * short:
        yield PostFault(pointer, f"the video measures {found.width} × {found.height}; X takes 32 × 32 to 1280 × 1024, at most 3:1")
    seconds = found.duration_seconds
    if seconds is not None and not 0.5 <= seconds <= 140:
        yield PostFault(pointer, f"the video lasts {seconds:.1f} s; X takes 0.5 to 140 s")
