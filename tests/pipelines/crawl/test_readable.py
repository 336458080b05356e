"""The readable words of a page."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from pipelines.crawl.readable import LARGEST_TEXT, block_text, main_text, readable_text


def text_of(html: str) -> str:
    return readable_text(html, LexborHTMLParser(html))


def test_menus_and_scripts_are_no_words() -> None:
    """Only what a reader came for is kept."""
    html = "<body><nav><a>Home</a></nav><script>var a</script><p>We pour candles by hand in Leeds.</p></body>"
    assert text_of(html) == "We pour candles by hand in Leeds."


def test_paragraphs_are_split_by_a_blank_line() -> None:
    """Blocks become paragraphs, inline elements do not, and words are not torn."""
    html = "<body><div>We <b>pour</b> <i>can</i>dles<br>by hand.</div><ul><li>One</li><li>Two</li></ul></body>"
    assert block_text(LexborHTMLParser(html)) == "We pour candles by hand.\n\nOne\n\nTwo"


def test_shop_window_is_not_taken_for_clutter() -> None:
    """A home page of short texts in boxes keeps its slogans."""
    boxes = "".join(f"<div class='card'><div>Slogan number {n} stands here</div></div>" for n in range(12))
    html = f"<body><div>{boxes}</div></body>"
    assert all(f"Slogan number {n} stands here" in text_of(html) for n in range(12))


def test_line_breaks_of_the_source_mean_nothing() -> None:
    """A sentence that is wrapped in the source stays one sentence."""
    html = "<body><article><p>This sentence is wrapped\nin the source of the page.</p><p>Another one follows it here.</p></article></body>"
    assert "This sentence is wrapped in the source of the page." in main_text(html)


def test_table_cells_are_paragraphs() -> None:
    """Old pages that are laid out by tables read without marks between the cells."""
    html = "<body><table><tr><td>The first cell says something long enough.</td><td>The second cell does so too.</td></tr></table></body>"
    assert "|" not in text_of(html) and "The second cell does so too." in text_of(html)


def test_endless_page_is_cut() -> None:
    """No page fills the database."""
    html = f"<body>{'<p>' + 'word ' * 100 + '</p>'}" + f"<p>{'word ' * 2000}</p>" * 100
    assert len(text_of(html)) <= LARGEST_TEXT + 20_000
