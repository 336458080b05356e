"""One HTML page, read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser

from core.errors import SiteUnreadable
from pipelines.crawl import looks
from pipelines.crawl.addresses import clean
from pipelines.crawl.jsonld import structured_data
from pipelines.crawl.language import language_of
from pipelines.crawl.logos import logo_candidates
from pipelines.crawl.nesting import is_sound
from pipelines.crawl.readable import readable_text
from pipelines.crawl.robots import AGENT
from providers.contracts.crawl import CrawledPage

MOST_LINKS = 500
MOST_IMAGES = 30
MOST_NODES = 2000  # of one kind that are looked at
MOST_HEADINGS = 40
MOST_STYLED = 300  # elements whose style attribute is looked at
LISTING = re.compile(r"^(?:index of|directory listing for) /?", re.I)
REFRESH = re.compile(r"""url\s*=\s*["']?([^"'>]+)""", re.I)
SPACE = re.compile(r"\s+")


class Document:
    """Raises SiteUnreadable for HTML that no parser could read within reason."""

    def __init__(self, html: str, url: str) -> None:
        if not is_sound(html):
            raise SiteUnreadable("its HTML is nested too deeply to be read")
        self.html = html
        self.url = url
        self.tree = LexborHTMLParser(html)
        base = self.tree.css_first("base[href]")
        self.base = (clean(base.attributes["href"] or "", url) if base else None) or url

    @cached_property
    def title(self) -> str:
        found = self._words("title") or self._meta("og:title") or self._words("h1")
        return found[:300]

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where the page leads: links, image maps, frames, and a refresh to another page."""
        named = [*self._values("a[href], area[href], link[rel=next]", "href"), *self._values("frame[src], iframe[src]", "src")]
        for content in self._values("meta[http-equiv=refresh i]", "content"):
            named += REFRESH.findall(content)
        return self._absolute(named)[:MOST_LINKS]

    @property
    def stylesheets(self) -> tuple[str, ...]:
        return self._absolute(self._values("link[rel~=stylesheet]", "href"))

    @property
    def is_listing(self) -> bool:
        """A folder's list of files, as web servers make it: links, but nobody's words."""
        return bool(LISTING.match(self.title))

    def robots(self, header: str = "") -> set[str]:
        """Directives of the robots meta tag and of the X-Robots-Tag header, `noindex` and `nofollow` among them."""
        agent, _, rest = header.lower().rpartition(":")
        meant = rest if agent.strip() in ("", AGENT.lower()) else ""
        said = ",".join((self._meta("robots"), self._meta(AGENT), meant)).lower()
        found = {word.strip() for word in said.split(",")}
        return found | {"noindex", "nofollow"} if "none" in found else found

    def page(self, sheets: Iterable[str] = ()) -> CrawledPage:
        """What the pipelines read. sheets: the texts of linked stylesheets."""
        text = "" if self.is_listing else readable_text(self.html, self.tree)
        structured = structured_data(self.tree)
        css = "\n".join((*self._inline_css(), *sheets))
        return CrawledPage(
            url=self.url,
            title=self.title,
            text=text,
            description=(self._meta("description") or self._meta("og:description"))[:500],
            language=language_of(self._language_tag(), text),
            headings=self._headings(),
            images=self._absolute([*self._values("img[src]", "src"), *self._values("img[data-src]", "data-src")])[:MOST_IMAGES],
            links=self.links,
            logo_candidates=self._absolute(logo_candidates(self.tree, structured)),
            colours=self._colours(css),
            fonts=self._fonts(css),
            structured=structured,
        )

    def _headings(self) -> tuple[str, ...]:
        found = (SPACE.sub(" ", node.text()).strip() for node in self.tree.css("h1, h2, h3"))
        return tuple(dict.fromkeys(text[:200] for text in found if text))[:MOST_HEADINGS]

    def _colours(self, css: str) -> tuple[str, ...]:
        counted = looks.colours_of(css)
        for colour in looks.colours_in(self._meta("theme-color")):
            counted[colour] += looks.BRANDED_WEIGHT
        return looks.most_used(counted)

    def _fonts(self, css: str) -> tuple[str, ...]:
        counted = looks.fonts_of(css)
        for href in self._values("link[rel~=stylesheet]", "href"):
            counted.update(looks.fonts_of_link(href))
        return looks.most_used(counted)

    def _inline_css(self) -> list[str]:
        """Style elements, style attributes, and the colour attributes of older pages as declarations."""
        styled = [f"x{{{style}}}" for style in self._values("[style]", "style")[:MOST_STYLED]]
        coloured = [f"x{{background:{colour}}}" for colour in self._values("[bgcolor]", "bgcolor")[:MOST_STYLED]]
        return [node.text() for node in self.tree.css("style")] + styled + coloured

    def _language_tag(self) -> str:
        html = self.tree.css_first("html")
        return ((html.attributes.get("lang") or html.attributes.get("xml:lang") or "") if html else "").strip()

    def _words(self, selector: str) -> str:
        node = self.tree.css_first(selector)
        return SPACE.sub(" ", node.text()).strip() if node else ""

    def _meta(self, name: str) -> str:
        node = self.tree.css_first(f'meta[name="{name}" i], meta[property="{name}" i]')
        return SPACE.sub(" ", node.attributes.get("content") or "").strip() if node else ""

    def _values(self, selector: str, attribute: str) -> list[str]:
        nodes = self.tree.css(selector)[:MOST_NODES]
        return [value for node in nodes if (value := node.attributes.get(attribute))]

    def _absolute(self, urls: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(url for found in urls if (url := clean(found, self.base))))
