"""Competitors that do not exist, and the search results that tell of them, all on addresses reserved for examples."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from sandbox.writing.passages import shortened
from sandbox.writing.prompt import Prompt


@dataclass(frozen=True)
class Rival:
    name: str
    host: str
    findings: tuple[str, ...]


_LAMP_RIVALS = (
    Rival(
        "Northfold Lighting",
        "northfold.example",
        (
            "Northfold sells about two hundred lamps and brings out a new collection twice a year.",
            "Its desk lamps cost between 40 and 90 dollars, and it offers no spare parts.",
        ),
    ),
    Rival(
        "Hallingvale",
        "hallingvale.example",
        (
            "Hallingvale makes designer lamps from brass that start at 600 dollars.",
            "It repairs its lamps for life, but only in its own three shops.",
        ),
    ),
    Rival(
        "Brightly & Daughter",
        "brightly.example",
        ("Brightly & Daughter rents reading lamps to offices by the month.", "It speaks to companies and hardly to people at home."),
    ),
)
_NAMES = (
    ("Tessellark", "tessellark.example"),
    ("Morrowby", "morrowby.example"),
    ("Openfield Works", "openfield.example"),
    ("Kestrel & Co", "kestrelco.example"),
    ("Undercurrent", "undercurrent.example"),
)
_OFFERS = (
    "{name} serves the same people as {brand} with a wider offer and less detail about each part of it.",
    "{name} is chosen for its low entry price and left for its slow support.",
    "{name} presents itself with bold claims and few sources.",
    "{name} publishes a yearly comparison in which it names {brand} as an alternative.",
)


def rivals(prompt: Prompt) -> tuple[Rival, ...]:
    """The same for the same brand, however often it is asked."""
    if "lamp" in prompt.prose.lower() and prompt.brand_name == "Quillmoor":
        return _LAMP_RIVALS
    dice = random.Random(prompt.brand_name)
    chosen = dice.sample(_NAMES, 3)
    brand = shortened(prompt.brand_name, 60)
    return tuple(Rival(name, host, tuple(o.format(name=name, brand=brand) for o in dice.sample(_OFFERS, 2))) for name, host in chosen)


def search_results(prompt: Prompt) -> list[dict[str, Any]]:
    """What the vendor found, as its `search_results` item lists it."""
    pages = [(rival, finding, number) for rival in rivals(prompt) for number, finding in enumerate(rival.findings)]
    return [
        {
            "id": position,
            "url": f"https://{rival.host}/{('about', 'reviews')[number % 2]}",
            "title": f"{rival.name} (fictional): {('about the company', 'what customers say')[number % 2]}",
            "snippet": finding,
            "date": "2026-02-10",
            "last_updated": "2026-04-01",
            "source": "web",
        }
        for position, (rival, finding, number) in enumerate(pages, start=1)
    ]


def write(prompt: Prompt, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Each rival with its findings; sources only where the search has found them."""
    return {
        "competitors": [
            {
                "name": rival.name,
                "url": f"https://{rival.host}/",
                "findings": [{"text": f, "sources": [r["url"] for r in results if r["snippet"] == f]} for f in rival.findings],
            }
            for rival in rivals(prompt)
        ]
    }
