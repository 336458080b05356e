"""Competitors and their citations."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.errors import GeneratedInvalid
from pipelines.brand.dna import BrandDNA
from pipelines.competitors.research import competitor_question, research_competitors
from providers.contracts.research import Citation, ResearchAnswer

REVIEW = Citation("https://reviews.example/candles/", "Candles compared", date="2026-05-01")


class Vendor:
    """A research vendor that answers with the given texts in order, always with the same citations."""

    def __init__(self, *answers: str | dict[str, Any], citations: tuple[Citation, ...] = (REVIEW,)) -> None:
        self._answers = [a if isinstance(a, str) else json.dumps(a) for a in answers]
        self._citations = citations
        self.questions: list[str] = []

    def __call__(self, question: str, instructions: str, schema: dict[str, Any]) -> ResearchAnswer:
        self.questions.append(question)
        return ResearchAnswer(self._answers[len(self.questions) - 1], self._citations, Decimal("0.01"), "vendor", "resp-1")


def competitor(name: str, *sources: str, url: str | None = "https://brightly.example") -> dict[str, Any]:
    return {"name": name, "url": url, "findings": [{"text": "Sells in 30 countries.", "sources": list(sources)}]}


def test_citations_are_kept(brand: BrandDNA) -> None:
    """A finding keeps the vendor's citation, in the vendor's spelling, and the row lists it."""
    vendor = Vendor({"competitors": [competitor("Brightly", "https://reviews.example/candles")]})
    found = research_competitors(vendor, brand=brand, goal="Sell more").competitors[0]
    assert found.findings[0].citations[0].url == REVIEW.url
    row = found.row()
    assert row["citations"] == [{"url": REVIEW.url, "title": "Candles compared", "date": "2026-05-01"}]
    assert row["findings"] == {"findings": [{"text": "Sells in 30 countries.", "citations": [REVIEW.url]}]}


def test_made_up_sources_are_dropped(brand: BrandDNA) -> None:
    """A source that the vendor did not return bears nothing out; the omission is noted."""
    vendor = Vendor({"competitors": [competitor("Brightly", REVIEW.url), competitor("Dimly", "https://made-up.example/")]})
    research = research_competitors(vendor, brand=brand, goal="Sell more")
    assert [c.name for c in research.competitors] == ["Brightly"]
    assert "Dimly" in research.notes[0]


def test_nothing_to_cite(brand: BrandDNA) -> None:
    """Without any citation the campaign goes on without competitors, and a note says so."""
    vendor = Vendor({"competitors": [competitor("Brightly", REVIEW.url)]}, citations=())
    research = research_competitors(vendor, brand=brand, goal="Sell more")
    assert research.competitors == [] and "no competitor was found" in research.notes[-1]


def test_brand_is_no_competitor_of_itself(brand: BrandDNA) -> None:
    """The brand's own name and a name given twice are left out."""
    vendor = Vendor({"competitors": [competitor(name, REVIEW.url) for name in ("TALLOW & wick", "Brightly", "brightly")]})
    assert [c.name for c in research_competitors(vendor, brand=brand, goal="Sell").competitors] == ["Brightly"]


def test_address_that_is_no_link(brand: BrandDNA) -> None:
    """An address that a page must not show as a link is left out."""
    vendor = Vendor({"competitors": [competitor("Brightly", REVIEW.url, url="javascript:alert(1)")]})
    assert research_competitors(vendor, brand=brand, goal="Sell").competitors[0].url is None


def test_unreadable_answer_is_asked_again_once(brand: BrandDNA) -> None:
    """The second question repeats the first and names the fault; rubbish twice is refused."""
    vendor = Vendor("I found many.", {"competitors": []})
    research_competitors(vendor, brand=brand, goal="Sell more")
    assert vendor.questions[1].startswith(vendor.questions[0]) and "not a JSON object" in vendor.questions[1]
    with pytest.raises(GeneratedInvalid, match="'competitors'"):
        research_competitors(Vendor("I found many.", "Really many."), brand=brand, goal="Sell more")


def test_question_names_the_brand(brand: BrandDNA) -> None:
    """The question carries what is known, as one JSON block."""
    context = json.loads(competitor_question(brand, "Sell more").split("```json")[1].split("```")[0])
    assert context["purpose"] == "competitors" and context["goal"] == "Sell more"
    assert context["brand"]["name"] == "Tallow & Wick" and context["domain"] == "tallow.example"
