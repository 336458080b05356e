"""The DNA of a brand, drawn from its own sentences."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.writing.passages import Page, Passage, price_in, sentences, shortened
from sandbox.writing.prompt import Prompt

_TONES = (("plain-spoken", "summary"), ("direct", "direct"), ("precise", "proof"), ("sure of itself", "firm"), ("helpful", "guiding"))
_DOES = (
    ("Speaks to the reader as one person to another", "direct"),
    ("Names figures where it can", "proof"),
    ("Tells the reader what to do next", "guiding"),
)
_SIDE_PAGE = re.compile(
    r"about|team|contact|faq|blog|news|privacy|terms|legal|imprint|press|career|value|search|index|login|home", re.IGNORECASE
)
_OFFER_PAGE = re.compile(r"product|shop|store|service|solution|collection|feature|pricing", re.IGNORECASE)
_GROUP = re.compile(
    r"\bfor ((?:people|those|anyone|families|teams|users|developers|readers|students|makers|offices|beginners|schools)\b[^.,;:()]{0,60})"
)


def statement(text: str, passage: Passage) -> dict[str, Any]:
    return {"text": text, "source": {"url": passage.url, "quote": passage.quote}}


def write(prompt: Prompt) -> dict[str, Any]:
    if not prompt.passages:
        return {}
    summary = _summary(prompt)
    return {
        "name": prompt.brand_name,
        "summary": statement(summary.quote, summary),
        "voice": {
            "tone": [statement(word, p) for word, topic in _TONES[:3] if (p := prompt.take(topic))],
            "do": [statement(rule, p) for rule, topic in _DOES if (p := prompt.take(topic))],
            "avoid": [statement("Shouting: the sentences stay calm", p) for p in [prompt.take("values")] if p],
        },
        "audiences": _audiences(prompt),
        "products": [product for page in _offers(prompt)[:8] if (product := _product(prompt, page))][:6],
        "values": [statement(p.quote, p) for p in [prompt.take("values") for _ in range(5)] if p],
        "taglines": [statement(p.quote, p) for p in _taglines(prompt)],
    }


def _summary(prompt: Prompt) -> Passage:
    named = [p for p in prompt.passages if p.quote.startswith(f"{prompt.brand_name} ")]
    return prompt.take("summary", named or prompt.passages) or prompt.passages[0]


def _audiences(prompt: Prompt) -> list[dict[str, Any]]:
    found = [(match.group(1), p) for p in prompt.passages if (match := _GROUP.search(p.quote))][:2]
    if not found:
        passage = prompt.take("audience") or prompt.passages[0]
        found = [(f"people who look for {prompt.brand_name}", passage)]
    return [{"name": _capital(shortened(name, 60)), "needs": statement(p.quote, p)} for name, p in found]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _offers(prompt: Prompt) -> list[Page]:
    """Pages that present one thing: those with a price or a telling address first, else what is no side page."""
    deep = [page for page in prompt.pages if len([s for s in urlsplit(page.url).path.split("/") if s]) > 1]
    shops = [page for page in deep if _OFFER_PAGE.search(urlsplit(page.url).path)]
    others = [page for page in prompt.pages[1:] if not _SIDE_PAGE.search(urlsplit(page.url).path + prompt.name_of(page))]
    return shops or others


def _product(prompt: Prompt, page: Page) -> dict[str, Any] | None:
    described, name = prompt.take("product", sentences(page)), prompt.name_of(page)
    if described is None or not name:
        return None
    price = price_in(page)
    return {
        "name": name,
        "description": statement(described.quote, described),
        "price": statement(price[0], price[1]) if price else None,
    }


def _taglines(prompt: Prompt) -> list[Passage]:
    """Headings and short sentences of the first page that say something."""
    if not prompt.pages:
        return []
    first = prompt.pages[0]
    headings = [Passage(first.url, h) for h in first.headings if 3 <= len(h.split()) <= 8 and not h.endswith("?")]
    return [*headings[:2], *(p for p in sentences(first) if len(p.quote) <= 60)][:3]
