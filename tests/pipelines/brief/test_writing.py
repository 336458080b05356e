"""The brief."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import GeneratedInvalid
from pipelines.brand.dna import BrandDNA
from pipelines.brief.brief import Brief
from pipelines.brief.writing import write_brief
from pipelines.competitors.profile import CompetitorProfile
from providers.contracts.crawl import CrawledPage
from tests.pipelines.conftest import Script, said

FACT = said("Long light", "Every candle burns for 40 hours.")
DIFFERENCE = {
    "competitor": "Brightly",
    "text": "Brightly is everywhere, the brand is at home.",
    "citation": "https://reviews.example/candles",
}
GOOD: dict[str, Any] = {
    "objective": "Sell 200 candles before winter.",
    "audience": said("People who read at night", "Made for people who read at night."),
    "message": FACT,
    "support": [FACT],
    "tone": ["calm"],
    "call_to_action": "Light one tonight",
    "channels": [{"channel": "x", "role": "Opens the conversation."}],
    "differences": [DIFFERENCE],
    "measures": ["candles sold"],
}


@pytest.fixture
def write(brand: BrandDNA, competitors: list[CompetitorProfile], pages: list[CrawledPage]) -> Any:
    """`write(script)` -> the brief for a campaign on X."""

    def run(script: Script) -> Brief:
        return write_brief(
            script, name="Autumn", goal="Sell 200 candles", channels=["x"], brand=brand, competitors=competitors, pages=pages
        )

    return run


def test_brief_that_fits(write: Any) -> None:
    """A supported brief is kept as it is."""
    brief = write(Script(GOOD))
    assert brief.notes == [] and brief.row()["body"]["message"]["source"]["quote"] == "Every candle burns for 40 hours."


def test_every_channel_has_its_part(write: Any) -> None:
    """A forgotten and an unasked channel are faults."""
    script = Script({**GOOD, "channels": [{"channel": "tiktok", "role": "Dances."}]}, GOOD)
    write(script)
    assert "/channels: one entry is needed for each of x" in script.requests[1].messages[-1]["content"]


def test_difference_needs_a_citation(write: Any) -> None:
    """A difference to a competitor that no citation names is sent back, then dropped with a note."""
    stubborn = {**GOOD, "differences": [DIFFERENCE, {**DIFFERENCE, "citation": "https://made-up.example/"}]}
    script = Script(stubborn, stubborn)
    brief = write(script)
    assert "/differences/1: " in script.requests[1].messages[-1]["content"]
    assert len(brief.differences) == 1 and "no citation bears it out" in brief.notes[0]


def test_brief_without_facts_is_refused(write: Any) -> None:
    """A message that may not be believed makes no brief."""
    stubborn = {**GOOD, "support": [said("The best", "Best candles in the universe")]}
    with pytest.raises(GeneratedInvalid, match="/support: at least one fact"):
        write(Script(stubborn, stubborn))
