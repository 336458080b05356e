"""The final text of a post: words, link and hashtags within the channel's limit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.publishing.channels import Channel, channel_named

ROOM = 60  # of X's 280 characters, what link (23), hashtags and blank lines may take
SENTENCE_END = re.compile(r"(?<=[.!?\u2026])\s+|(?<=[\u3002\uff01\uff1f])")
LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)
NOT_IN_TAG = re.compile(r"[^\w]|_")


def words_limit(name: str) -> int:
    """How long the words of a post may be, before link and hashtags."""
    return channel_named(name).limit - ROOM


def post_text(name: str, words: str, *, link: str = "", hashtags: Sequence[str] = ()) -> str:
    """The post for channel `name`. Hashtags give way first, then whole sentences from the end, then words.

    Links inside `words` are left out: only `link` is published. Raises InvalidInput for an unknown channel.
    """
    channel = channel_named(name)
    said = LINK.sub("", words).strip()[: channel.limit + 1]  # what is longer by one is shortened below, and quickly
    tags = tidy_tags(hashtags)[: channel.hashtags]
    while tags and channel.length(joined(said, link, tags)) > channel.limit:
        tags.pop()
    while channel.length(joined(said, link, tags)) > channel.limit and (shorter := shortened(said)) != said:
        said = shorter
    return joined(said, link, tags)


def tidy_tags(hashtags: Sequence[str]) -> list[str]:
    """`#Word` each, without blanks and marks, none twice."""
    tidy = (NOT_IN_TAG.sub("", tag) for tag in hashtags)
    return [f"#{tag}" for tag in {tag.casefold(): tag for tag in tidy if tag and not tag.isdigit()}.values()]


def joined(words: str, link: str, tags: Sequence[str]) -> str:
    return "\n\n".join(part for part in (words, link, " ".join(tags)) if part)


def shortened(words: str) -> str:
    """Without the last sentence; a single sentence loses its last word, a single word its last tenth."""
    sentences = [s for s in SENTENCE_END.split(words) if s]
    if len(sentences) > 1:
        return words[: words.rindex(sentences[-1])].rstrip()
    stem = words.rstrip("\u2026").rstrip()
    head, _, _ = stem.rpartition(" ")
    return f"{(head or stem[: len(stem) * 9 // 10]).rstrip(' ,;:-')}\u2026" if stem else words


def fits(name: str, words: str) -> bool:
    """Whether the words leave room for link and hashtags."""
    channel: Channel = channel_named(name)
    return channel.length(words) <= words_limit(name)
