"""Concepts."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import GeneratedInvalid
from pipelines.brand.dna import BrandDNA
from pipelines.brief.brief import Brief, ChannelPlan
from pipelines.concepts.concept import Concept
from pipelines.concepts.writing import write_concepts
from pipelines.evidence.statements import Statement
from providers.contracts.crawl import CrawledPage
from tests.pipelines.conftest import Script, said

FACT = said("Long light", "Every candle burns for 40 hours.")
SCRIPT = (
    "When the house is quiet and the last lamp goes out, there is one more chapter. We pour our candles by hand, in Leeds, so that the "
    "light stays as long as your story does. Forty pages or forty hours, take your time tonight."
)
CONCEPT: dict[str, Any] = {
    "title": "One more chapter",
    "idea": "Light that lasts as long as the book.",
    "audience": "Night readers",
    "message": FACT,
    "claims": [FACT],
    "image_prompt": "An open book beside a burning candle",
    "script": SCRIPT,
    "scenes": [
        {"caption": f"Chapter after chapter {word}", "image_prompt": "a page is turned"} for word in ("at dusk", "at night", "at dawn")
    ],
    "posts": [{"channel": "x", "text": "One more chapter. The candle has 40 hours left.", "hashtags": ["Reading"]}],
}


def two(**changes: Any) -> dict[str, Any]:
    """Two concepts, the second one changed."""
    return {"concepts": [CONCEPT, {**copy.deepcopy(CONCEPT), "title": "The long night", **changes}]}


@pytest.fixture
def write(brand: BrandDNA, pages: list[CrawledPage]) -> Callable[[Script], list[Concept]]:
    """`write(script)` -> two concepts for a campaign on X."""
    fact = Statement.model_validate(FACT)
    plan = [ChannelPlan(channel="x", role="Opens the conversation.")]
    brief = Brief(
        objective="Sell candles.",
        audience=fact,
        message=fact,
        support=[fact],
        tone=["calm"],
        call_to_action="Light one tonight",
        channels=plan,
        differences=[],
        measures=[],
        notes=[],
    )

    def run(script: Script) -> list[Concept]:
        return write_concepts(script, name="Autumn", goal="Sell candles", channels=["x"], brand=brand, brief=brief, pages=pages)

    return run


def test_concepts_that_fit(write: Callable[[Script], list[Concept]]) -> None:
    """Two good concepts are kept and numbered, and their key picture is told the brand's colours."""
    concepts = write(Script(two(image_prompt="A candle in #B3541E light")))
    assert [(c.position, c.title) for c in concepts] == [(1, "One more chapter"), (2, "The long night")]
    assert concepts[0].image_prompt == "An open book beside a burning candle. Colour palette: #b3541e."
    assert concepts[1].image_prompt == "A candle in #B3541E light"
    assert concepts[0].row()["body"]["script"] == SCRIPT


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"script": "Too short."}, "/concepts/1/script: it has 2 words"),
        ({"script": "word " * 61}, "/concepts/1/script: it has 61 words"),
        ({"scenes": CONCEPT["scenes"][:1]}, "/concepts/1/scenes: there are 1"),
        ({"claims": []}, "/concepts/1/claims: at least one"),
        ({"posts": []}, "/concepts/1/posts: exactly one is needed for each of x"),
        ({"posts": CONCEPT["posts"] * 2}, "/concepts/1/posts: exactly one"),
        ({"posts": [{**CONCEPT["posts"][0], "text": "Go to https://evil.example now"}]}, "/concepts/1/posts/0/text: it holds a link"),
        ({"posts": [{**CONCEPT["posts"][0], "text": "long " * 60}]}, "/concepts/1/posts/0/text: it is longer than 220"),
        ({"posts": [{**CONCEPT["posts"][0], "text": "Now only 9.99!"}]}, "/concepts/1/posts/0/text: the figure 9.99"),
        ({"claims": [said("Best", "Best candles in the universe")]}, "/concepts/1/claims/0: the quote"),
        ({"title": ""}, "/concepts/1/title: "),
    ],
)
def test_faults_are_sent_back(write: Callable[[Script], list[Concept]], changes: dict[str, Any], fault: str) -> None:
    """Each rule of a concept is told with its place, and the repaired answer counts."""
    script = Script(two(**changes), two())
    assert len(write(script)) == 2
    assert fault in script.requests[1].messages[-1]["content"]


def test_wrong_number_of_concepts(write: Callable[[Script], list[Concept]]) -> None:
    """One concept where two were asked for is refused after the repair."""
    with pytest.raises(GeneratedInvalid, match="there are 1; 2 are needed"):
        write(Script({"concepts": [CONCEPT]}, {"concepts": [CONCEPT]}))
