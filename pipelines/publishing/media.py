"""Which of a concept's assets a post carries."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.publishing.channels import channel_named


def media_for(name: str, assets: Mapping[str, str]) -> list[str]:
    """Asset ids for a post on channel `name`. assets: id by role, such as `{"video-9x16": id, "image": id}`.

    At most one: every channel takes one video, and a video says more than the image it was made from.
    """
    return next(([assets[role]] for role in channel_named(name).media if role in assets), [])
