"""`video.ugc`: a film made to look and sound as if somebody had taken it with a phone."""

from pipelines.video.ugc.making import recipe

__all__ = ["recipe"]
