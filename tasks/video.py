"""`video.*`: a kind for each transform in `pipelines/video`."""

from __future__ import annotations

from pipelines import video
from tasks.recipes import declare

kinds = declare(video)
