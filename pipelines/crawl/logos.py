"""Where a page's logo may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

IN_HEADER = "header img, nav img, [id*=header i] img, [class*=header i] img, [class*=navbar i] img"
ICONS = ("link[rel~=apple-touch-icon]", "link[rel~=icon][type='image/svg+xml']", "link[rel~=icon]", "link[rel='shortcut icon' i]")
NAMING = ("src", "data-src", "class", "id", "alt", "title")


def logo_candidates(tree: LexborHTMLParser, structured: Sequence[dict[str, Any]]) -> list[str]:
    """Addresses as the page writes them, best first: named as logo in the header, declared, named elsewhere, icons."""
    return [
        *_named(tree.css(IN_HEADER)),
        *(url for entry in structured for url in _declared(entry)),
        *_named(tree.css("img")),
        *(node.attributes.get("href") or "" for selector in ICONS for node in tree.css(selector)),
    ]


def _named(images: Sequence[LexborNode]) -> Iterator[str]:
    """Pictures with the word logo in their own attributes or in those of the element around them."""
    for image in images:
        around = image.parent.attributes if image.parent else {}
        said = " ".join(attributes.get(name) or "" for attributes in (image.attributes, around) for name in NAMING)
        address = image.attributes.get("src") or image.attributes.get("data-src") or ""
        if "logo" in said.casefold() and not address.startswith("data:"):
            yield address


def _declared(entry: dict[str, Any]) -> Iterator[str]:
    """`logo` of an organisation: a URL, an ImageObject, or a list of either."""
    logo = entry.get("logo")
    for item in logo if isinstance(logo, list) else [logo]:
        url = item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item
        if isinstance(url, str):
            yield url
