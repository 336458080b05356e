"""Statements against pages."""

from __future__ import annotations

from pipelines.evidence.checking import Evidence
from pipelines.evidence.statements import Answer, Statement
from providers.contracts.crawl import CrawledPage
from tests.pipelines.conftest import ABOUT, HOME, said

TRUE = said("Hand-poured", "We pour candles by hand")
FALSE = said("The cheapest", "Nobody sells candles for less")
MISPLACED = said("No paraffin", "We never use paraffin", HOME.url)


class Offer(Answer):
    what: Statement
    price: Statement | None


class Story(Answer):
    core: Statement
    offers: list[Offer]
    values: list[Statement]


def story(**parts: object) -> Story:
    return Story.model_validate({"core": TRUE, "offers": [], "values": [], **parts})


def test_supported_story_has_no_faults(pages: list[CrawledPage]) -> None:
    """Quotes that stand on their pages are accepted, nested ones too."""
    assert Evidence(pages).faults(story(offers=[{"what": TRUE, "price": None}])) == []


def test_faults_say_where_and_why(pages: list[CrawledPage]) -> None:
    """Each unsupported statement is told with its pointer and reason."""
    unknown = said("Far away", "We pour candles by hand", "https://elsewhere.example/")
    found = Evidence(pages).faults(story(values=[FALSE, unknown], offers=[{"what": TRUE, "price": said("5", "5")}]))
    assert [fault.split(": ")[0] for fault in found] == ["/offers/0/price", "/values/0", "/values/1"]
    assert "too short" in found[0] and "does not stand on" in found[1] and "none of the pages" in found[2]


def test_unsupported_statements_leave_their_list(pages: list[CrawledPage]) -> None:
    """Dropping leaves the rest untouched and notes what went."""
    evidence = Evidence(pages)
    kept = evidence.supported(story(values=[FALSE, TRUE]))
    assert [value.text for value in kept.values] == ["Hand-poured"]
    assert "The cheapest" in evidence.notes[0]


def test_entry_goes_with_what_it_needs(pages: list[CrawledPage]) -> None:
    """An offer without support goes whole; its optional price alone becomes null."""
    kept = Evidence(pages).supported(story(offers=[{"what": FALSE, "price": TRUE}, {"what": TRUE, "price": FALSE}]))
    assert len(kept.offers) == 1 and kept.offers[0].price is None


def test_quote_on_another_page_is_moved(pages: list[CrawledPage]) -> None:
    """A true quote with the wrong URL gets the right one."""
    evidence = Evidence(pages)
    kept = evidence.supported(story(values=[MISPLACED]))
    assert kept.values[0].source.url == ABOUT.url and evidence.faults(kept) == []


def test_core_cannot_be_dropped(pages: list[CrawledPage]) -> None:
    """A story whose core has no support keeps its fault."""
    evidence = Evidence(pages)
    assert evidence.faults(evidence.supported(story(core=FALSE)))[0].startswith("/core: ")
