"""A web page read as Firecrawl would return it: markdown, links, images, metadata and the brand's looks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import trafilatura
from selectolax.lexbor import LexborHTMLParser

AGENT = "FirecrawlAgent"
LARGEST_PAGE = 10 * 1024 * 1024
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
_FONT = re.compile(r"font-family:\s*[\"']?([^\"',;}]+)")


class Unreadable(Exception):
    """The page could not be fetched; the text says why."""


@dataclass(frozen=True)
class Fetched:
    url: str  # after redirects
    status: int
    content_type: str
    text: str

    @property
    def ok(self) -> bool:
        return self.status < HTTPStatus.BAD_REQUEST


class LoopbackOnly(HTTPRedirectHandler):
    """The sandbox never leaves the machine, and does not let itself be led away either."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_opener = build_opener(ProxyHandler({}), LoopbackOnly)


def check_address(url: str) -> None:
    """Raises Unreadable for an address that is not on this machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Unreadable("the sandbox's Firecrawl visits loopback addresses only")


def fetched(url: str, *, seconds: float) -> Fetched:
    """A page of at most 10 MB; one that answers 404 is a page too. Raises Unreadable."""
    check_address(url)
    request = Request(url, headers={"User-Agent": AGENT})  # noqa: S310 - the scheme was checked
    try:
        with _answered(request, seconds) as answer:
            content = answer.read(LARGEST_PAGE + 1)
            if len(content) > LARGEST_PAGE:
                raise Unreadable("the page is too large")
            charset = answer.headers.get_content_charset() or "utf-8"
            return Fetched(answer.url, answer.status, answer.headers.get("Content-Type", ""), content.decode(charset, errors="replace"))
    except (OSError, HTTPException, LookupError) as error:
        raise Unreadable(f"the page could not be loaded: {type(error).__name__}") from None


def _answered(request: Request, seconds: float) -> Any:
    try:
        return _opener.open(request, timeout=seconds)
    except HTTPError as error:
        return error


def document(url: str, formats: list[str], *, only_main: bool, seconds: float) -> dict[str, Any]:
    """The data of one scrape; a page that answers 404 is a document too. Raises Unreadable."""
    answer = fetched(url, seconds=seconds)
    html = answer.text
    tree = LexborHTMLParser(html)
    made: dict[str, Callable[[], Any]] = {
        "markdown": lambda: _markdown(html, only_main=only_main),
        "html": lambda: html,
        "rawHtml": lambda: html,
        "links": lambda: _addresses(tree, "a[href]", "href", answer.url),
        "images": lambda: _addresses(tree, "img[src]", "src", answer.url),
        "summary": lambda: _meta(tree, "description") or _markdown(html, only_main=True)[:280],
        "branding": lambda: _branding(tree, answer.url, seconds),
    }
    found = {name: made[name]() for name in formats}
    return found | {"metadata": _metadata(tree, url, answer)}


def links(data: dict[str, Any]) -> list[str]:
    return [link.split("#")[0] for link in data.get("links", [])]


def _markdown(html: str, *, only_main: bool) -> str:
    read = trafilatura.extract(html, output_format="markdown", include_comments=False, favor_recall=not only_main)
    if read:
        return str(read)
    body = LexborHTMLParser(html).body
    return str(body.text(separator="\n", strip=True)) if body else ""


def _addresses(tree: LexborHTMLParser, selector: str, attribute: str, base: str) -> list[str]:
    found = (urljoin(base, node.attributes.get(attribute) or "") for node in tree.css(selector))
    return list(dict.fromkeys(address for address in found if address.startswith("http")))


def _meta(tree: LexborHTMLParser, name: str) -> str:
    node = tree.css_first(f'meta[name="{name}"], meta[property="{name}"]')
    return (node.attributes.get("content") or "") if node else ""


def _metadata(tree: LexborHTMLParser, asked: str, answer: Fetched) -> dict[str, Any]:
    title, root = tree.css_first("title"), tree.css_first("html")
    return {
        "title": title.text(strip=True) if title else "",
        "description": _meta(tree, "description"),
        "language": (root.attributes.get("lang") if root else None) or "",
        "keywords": _meta(tree, "keywords"),
        "sourceURL": asked,
        "url": answer.url,
        "statusCode": answer.status,
        "contentType": answer.content_type,
        "proxyUsed": "basic",
        "cacheState": "miss",
        "creditsUsed": 1,
    }


def _branding(tree: LexborHTMLParser, base: str, seconds: float) -> dict[str, Any]:
    """Colours and fonts by how often the page's style names them."""
    style = "\n".join([node.text() for node in tree.css("style")])
    for sheet in _addresses(tree, 'link[rel="stylesheet"]', "href", base)[:5]:
        try:
            style += fetched(sheet, seconds=seconds).text
        except Unreadable:
            continue
    colours = [colour for colour, _ in Counter(c.lower() for c in _COLOUR.findall(style)).most_common(5)]
    fonts = [font.strip() for font, _ in Counter(_FONT.findall(style)).most_common(3)]
    logos = [a for a in _addresses(tree, "img[src]", "src", base) if "logo" in a.lower()]
    images = {"logo": logos[0] if logos else None, "favicon": urljoin(base, "/favicon.ico"), "ogImage": _meta(tree, "og:image") or None}
    names = ("primary", "secondary", "accent", "background", "textPrimary")
    return {
        "colorScheme": "light",
        "logo": images["logo"],
        "colors": dict(zip(names, colours, strict=False)),
        "fonts": [{"family": font} for font in fonts],
        "images": images,
    }
