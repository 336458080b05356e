"""`vision.*`: a kind for each detector in `pipelines/vision`."""

from __future__ import annotations

from pipelines import vision
from tasks.recipes import declare

kinds = declare(vision)
