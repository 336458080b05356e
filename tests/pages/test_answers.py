"""Problems for people and for programs, and headers of pages."""

from __future__ import annotations

from tests.pages.conftest import Visitor


def test_a_problem_is_a_page_for_a_browser(browser: Visitor) -> None:
    """An unknown address navigated to gets a page with a way back."""
    answer = browser.see("/nothing/here")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is no /nothing/here" in answer.text and "To the overview" in answer.text


def test_a_problem_is_json_for_everybody_else(browser: Visitor) -> None:
    """The same address fetched by a script or a program gets the problem object."""
    answer = browser.http.get("/nothing/here", headers={"Accept": "*/*"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_bad_filter_is_told(browser: Visitor) -> None:
    """A query that the API would refuse names its fault on the page."""
    answer = browser.see("/jobs?state=sideways")
    assert answer.status_code == 422
    assert "/query/state" in answer.text


def test_blank_filters_count_as_none(browser: Visitor) -> None:
    """A filter form sends its empty fields too."""
    assert browser.see("/jobs?state=&kind=").status_code == 200


def test_pages_are_not_stored(browser: Visitor) -> None:
    """After a logout the back button shows nothing."""
    assert browser.see("/").headers["Cache-Control"] == "no-store"


def test_the_consent_leads_back_to_the_connections(browser: Visitor) -> None:
    """A browser that comes back from a vendor with a consent nobody started sees a page that says so."""
    answer = browser.see("/v1/connections/callback/x?state=unknown&code=1")
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
