"""From pages to DNA."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import GeneratedInvalid
from pipelines.brand.extraction import brand_request, extract_brand
from providers.contracts.crawl import CrawledPage
from tests.pipelines.conftest import ABOUT, HOME, Script, said

GOOD: dict[str, Any] = {
    "name": "Tallow & Wick",
    "summary": said("A candle maker in Leeds", "We pour candles by hand in Leeds."),
    "voice": {"tone": [said("calm", "Made for people who read at night.")], "do": [], "avoid": []},
    "audiences": [{"name": "Night readers", "needs": said("They want long light", "Made for people who read at night.")}],
    "products": [{"name": "Candle", "description": said("Burns long", "Every candle burns for 40 hours."), "price": None}],
    "values": [said("No paraffin", "We never use paraffin.", ABOUT.url)],
    "taglines": [],
}
MADE_UP = said("World leader", "The world's best candles since 1900")


def test_dna_with_its_looks(pages: list[CrawledPage]) -> None:
    """The model's words and the pages' colours make one DNA, ready for its row."""
    dna = extract_brand(Script(GOOD), domain="tallow.example", pages=pages)
    assert (dna.name, dna.language, dna.notes) == ("Tallow & Wick", "en", [])
    assert dna.colours[0].value == "#b3541e" and dna.logo is not None
    row = dna.row()
    assert row["domain"] == "tallow.example" and row["dna"]["values"][0]["source"]["url"] == ABOUT.url


def test_made_up_statement_is_sent_back(pages: list[CrawledPage]) -> None:
    """A statement without support is a fault of the first answer."""
    script = Script({**GOOD, "values": [MADE_UP]}, GOOD)
    assert extract_brand(script, domain="tallow.example", pages=pages).notes == []
    assert "/values/0: the quote" in script.requests[1].messages[-1]["content"]


def test_made_up_statement_is_dropped_the_second_time(pages: list[CrawledPage]) -> None:
    """Where enough else is borne out, the rest is kept and a note tells what went."""
    stubborn = {**GOOD, "values": [MADE_UP, *GOOD["values"]]}
    dna = extract_brand(Script(stubborn, stubborn), domain="tallow.example", pages=pages)
    assert [value.text for value in dna.values] == ["No paraffin"]
    assert len(dna.notes) == 1 and "World leader" in dna.notes[0]


def test_brand_without_support_is_refused(pages: list[CrawledPage]) -> None:
    """A brand whose audience no page bears out is no brand."""
    stubborn = {**GOOD, "audiences": [{"name": "Everyone", "needs": MADE_UP}]}
    with pytest.raises(GeneratedInvalid, match="/audiences: at least one audience is needed"):
        extract_brand(Script(stubborn, stubborn), domain="tallow.example", pages=pages)


def test_request_holds_the_pages(pages: list[CrawledPage]) -> None:
    """The question carries purpose, domain, language and pages as one JSON block."""
    request = brand_request("tallow.example", pages)
    context = json.loads(request.messages[1]["content"].split("```json")[1].split("```")[0])
    assert (request.purpose, context["purpose"], context["domain"], context["language"]) == ("brand", "brand", "tallow.example", "en")
    assert [page["url"] for page in context["pages"]] == [HOME.url, ABOUT.url]
