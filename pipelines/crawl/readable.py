"""The readable words of a page as plain text, paragraphs split by a blank line."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

LARGEST_TEXT = 200_000  # characters kept of one page
LARGEST_FOR_EXTRACTION = 1_000_000  # characters of HTML; main-text extraction of more takes too long
FAIR_SHARE = 0.5  # of all words; an extraction that keeps less has taken a shop window for clutter
SILENT = frozenset({"script", "style", "noscript", "template", "svg", "nav", "select", "button", "head", "iframe", "object", "form"})
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
SPACE = re.compile(r"\s+")
SILENCE = -1


def readable_text(html: str, tree: LexborHTMLParser) -> str:
    """The main text where the page has one, else all words outside menus and scripts."""
    everything = block_text(tree)
    main = main_text(html) if len(html) <= LARGEST_FOR_EXTRACTION else ""
    return main if len(main) >= FAIR_SHARE * len(everything) else everything


def main_text(html: str) -> str:
    import trafilatura  # takes half a second to load: only when a page is read

    # Line breaks of the source mean nothing in HTML, but would become paragraphs here.
    flat = SPACE.sub(" ", html)
    found = trafilatura.extract(flat, output_format="txt", favor_recall=True, include_comments=False, include_tables=True) or ""
    cells = (cell for line in found.splitlines() for cell in (line.strip().strip("|").split("|") if line.startswith("|") else [line]))
    return "\n\n".join(text for cell in cells if (text := SPACE.sub(" ", cell).strip(" -")))[:LARGEST_TEXT]


def block_text(tree: LexborHTMLParser) -> str:
    """Every paragraph, heading, cell and item in reading order."""
    blocks: dict[int, int] = {}
    paragraphs: list[list[str]] = []
    current, size = SILENCE, 0
    for node in tree.body.traverse(include_text=True) if tree.body else ():
        words = (node.text_content or "") if node.tag == "-text" else ""
        if not words.strip():
            if paragraphs and (words or node.tag == "br"):
                paragraphs[-1].append(" ")
            continue
        block = _block_of(node, blocks)
        if block == SILENCE:
            continue
        if block != current:
            paragraphs.append([])
            current = block
        paragraphs[-1].append(words)
        size += len(words)
        if size > LARGEST_TEXT:
            break
    return "\n\n".join(text for parts in paragraphs if (text := SPACE.sub(" ", "".join(parts)).strip()))[:LARGEST_TEXT]


def _block_of(text: LexborNode, known: dict[int, int]) -> int:
    """Identity of the block a text stands in; SILENCE inside an element that is not read. known: answers for elements met before."""
    path, node = [], text.parent
    while node is not None and node.mem_id not in known:
        path.append(node)
        node = node.parent
    found = known[node.mem_id] if node is not None else 0
    for element in reversed(path):
        if element.tag in SILENT or found == SILENCE:
            found = SILENCE
        elif element.tag in BLOCKS:
            found = element.mem_id
        known[element.mem_id] = found
    return found
