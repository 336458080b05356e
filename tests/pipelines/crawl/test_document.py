"""What is read from one page."""

from __future__ import annotations

from pipelines.crawl.document import Document
from pipelines.crawl.rows import page_from_row, page_row

URL = "https://tallow.example/shop/"
BODY = "<h1>Candles</h1><p>We pour candles by hand in Leeds, and we have done so for many years.</p>"


def document(head: str = "", body: str = BODY, html: str = '<html lang="en-GB">') -> Document:
    return Document(f"{html}<head><title> Tallow &amp;\n Wick </title>{head}</head><body>{body}</body></html>", URL)


def test_title_and_description() -> None:
    """Entities are read and blanks tidied."""
    page = document('<meta name="Description" content="Hand-poured\n candles.">').page()
    assert (page.title, page.description, page.headings) == ("Tallow & Wick", "Hand-poured candles.", ("Candles",))


def test_links_follow_the_base() -> None:
    """A base element moves relative links; frames and refreshes are links too."""
    page = document(
        '<base href="/en/"><meta http-equiv="Refresh" content="0; URL=start.html">', '<a href="a">a</a><iframe src="b"></iframe>'
    )
    assert page.links == ("https://tallow.example/en/a", "https://tallow.example/en/b", "https://tallow.example/en/start.html")


def test_logo_in_the_header_comes_first() -> None:
    """The header's logo goes before the declared one, a logo in the text, and icons."""
    head = (
        '<link rel="icon" href="/favicon.ico"><link rel="apple-touch-icon" href="/touch.png">'
        '<script type="application/ld+json">{"@graph":[{"@type":"Organization","logo":{"url":"/declared.png"}}]}</script>'
    )
    body = f'<header><a class="site-logo"><img src="/mark.svg"></a></header>{BODY}<img src="/partner-logo.png"><img src="/cat.jpg">'
    found = [url.removeprefix("https://tallow.example") for url in document(head, body).page().logo_candidates]
    assert found == ["/mark.svg", "/declared.png", "/partner-logo.png", "/touch.png", "/favicon.ico"]


def test_structured_data_that_is_broken() -> None:
    """JSON-LD that cannot be read is passed over, the rest is kept."""
    head = '<script type="application/ld+json">{oops</script><script type="application/ld+json">[{"@type":"Brand"}]</script>'
    assert document(head).page().structured == ({"@type": "Brand"},)


def test_colours_of_attributes_and_theme() -> None:
    """Style attributes, old colour attributes and the theme colour count."""
    page = document(
        '<meta name="theme-color" content="#b3541e">', f'<table bgcolor="#fffacd"><tr><td style="color:#123456">{BODY}</td></table>'
    )
    assert page.page().colours == ("#b3541e", "#123456", "#fffacd")


def test_language_is_that_of_the_words() -> None:
    """The text decides over a tag that a template left behind; without text the tag is believed."""
    german = "<p>Wir gie\u00dfen unsere Kerzen von Hand und f\u00fcllen leere Gl\u00e4ser gerne wieder auf, so oft Sie wollen.</p>"
    assert document(body=german).page().language == "de"
    assert document(body="<p>Hi</p>").page().language == "en"
    assert document(body=f"<p>{'012 345 ' * 20}</p>", html="<html>").page().language is None


def test_robots_directives() -> None:
    """Meta tag and header are joined, none means both, and what is said to another robot is not for us."""
    assert document('<meta name="robots" content="NoIndex, follow">').robots("noarchive") >= {"noindex", "noarchive"}
    assert document('<meta name="robots" content="none">').robots() >= {"noindex", "nofollow"}
    assert "noindex" in document().robots("drumbeatbot: noindex")
    assert "noindex" not in document().robots("otherbot: noindex")


def test_rows_and_back() -> None:
    """A page survives the way into the table, without the NUL that Postgres refuses."""
    page = document('<script type="application/ld+json">{"@type":"Brand","name":"a\\u0000b"}</script>').page(["a{color:#b3541e}"])
    row = page_row(page)
    back = page_from_row(**row)
    assert back.structured == ({"@type": "Brand", "name": "ab"},)
    assert (back.url, back.text, back.headings, back.colours) == (page.url, page.text, page.headings, ("#b3541e",))
