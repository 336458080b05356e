"""The answer to a prompt: JSON by the schema where one is asked for, prose else, rubbish where a fault orders it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox.writing import brand, brief, concepts
from sandbox.writing.prompt import Prompt
from sandbox.writing.schema import Filler

TEMPLATES: dict[str, Callable[[Prompt], dict[str, Any]]] = {"brand": brand.write, "brief": brief.write, "concepts": concepts.write}
RUBBISH = "Certainly! Here is a delightful answer in prose, which is not what the schema asked for { at all."


def structured(prompt: Prompt, schema: dict[str, Any], suggestion: dict[str, Any] | None = None) -> str:
    """JSON text that is valid under the schema. Raises Unfillable."""
    template = TEMPLATES.get(prompt.purpose)
    suggested = suggestion if suggestion is not None else template(prompt) if template else None
    return json.dumps(Filler(schema, prompt).fill(suggested), ensure_ascii=False)


def prose(prompt: Prompt) -> str:
    """A few sentences from the given text, or an honest word that none was given."""
    taken = list({p.quote: p for p in [prompt.take("summary") for _ in range(3)] if p}.values())
    if not taken:
        return "I am a simulated model without knowledge of my own. Give me pages to read, and I answer with their words."
    return " ".join(p.words for p in taken) + f" (Read more at {taken[0].url}.)"
