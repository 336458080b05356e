"""The posts of a concept, one a channel, as they would be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.concepts.concept import Concept
from pipelines.publishing.media import media_for
from pipelines.publishing.posts import post_text


@dataclass(frozen=True)
class Draft:
    channel: str
    text: str
    asset_ids: list[str]

    def row(self) -> dict[str, Any]:
        """The columns of `posts` that come from here."""
        return {"channel": self.channel, "text": self.text, "asset_ids": self.asset_ids}


def drafts(concept: Concept, *, channels: Sequence[str], link: str, assets: Mapping[str, str]) -> list[Draft]:
    """One draft for each channel, in the order of `channels`. assets: the concept's asset ids by role."""
    written = {post.channel: post for post in concept.posts}
    return [
        Draft(name, post_text(name, written[name].text, link=link, hashtags=written[name].hashtags), media_for(name, assets))
        for name in channels
        if name in written
    ]


def link_of(domain: str) -> str:
    """The address that posts of a campaign point to, from a host name or URL."""
    return domain if domain.startswith(("http://", "https://")) else f"https://{domain}"
