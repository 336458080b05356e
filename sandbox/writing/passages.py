"""Sentences of the pages in a prompt, each an exact substring of its page, ranked by what they are wanted for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORTEST, LONGEST = 25, 200  # characters of a sentence that can stand as a quote
_SENTENCE = re.compile(r"[^\s.!?*•–—-][^.!?\n]*(?:[.!?](?=\S)[^.!?\n]*)*(?:[.!?]+[\"'”’)]*(?=\s|$)|$)", re.MULTILINE)
_FITTING, _FEWEST_BEST, _MOST_BEST = 2.0, 3, 8  # a score that is good, and how many passages take turns
_CODE = re.compile(r"https?://|www\.|@|[{}<>=_\\`|#$^*~\[\]]|\b\w+\(\)|::|->")
_ENDED = re.compile(r"[.!][\"'”’)]*$")
_DANGLING = re.compile(
    r"(It|Its|They|He|She|Her|His|This|That|These|Those|But|And|So|If|When|For|Then|Also|Yes|No|I|My|Well|Note|To|One|Such|However|As|Thus)\b"
)
_MENU = re.compile(r"\b(Next|Previous|Prev|Up|Home|Contents|Index):")
_ODD_SPACE = re.compile(r"\xa0|\s{2,}")
_SEPARATOR = re.compile(r"\s+[|–—·-]\s+|\s*[|(]")
_NUMBERING = re.compile(r"^(\d+\.?)+\s+|^\d+\.(?=[A-Z])")
LONGEST_NAME = 60
_PRICE = re.compile(r"[$€£]\s?\d+(?:[.,]\d+)*|\b\d+(?:[.,]\d+)*\s?(?:€|EUR|USD|GBP)\b")

TOPICS = {
    "summary": r"\b(is an?|are an?|makes?|builds?|offers?|provides?|designs?|sells?|describes?|helps?)\b",
    "audience": r"\b(for (people|those|anyone|everyone|families|teams|users|developers|readers|students|makers|offices|you)|who)\b",
    "values": r"\b(believe|promise|never|always|honest|repair|care|responsib|free|open|should|matters?|fair|principle|respect)",
    "product": r"\b(comes with|made (of|from|in)|includes?|weighs?|lasts?|available|supports?|features?|lets you|allows?|provides?)\b",
    "proof": r"\d|\b(every|guarantee|tested|since|measured|warranty|certified)\b",
    "history": r"\b(founded|since|started|began|first|in (19|20)\d\d)\b",
    "direct": r"\b(you|your)\b",
    "firm": r"\b(never|always|every|must|no)\b",
    "guiding": r"\b(can|use|see|choose|read|try|start|ask|write to)\b",
}


@dataclass(frozen=True)
class Passage:
    url: str
    quote: str
    title: str = ""
    text: str = ""  # an earlier statement made from the quote; empty: the quote speaks for itself

    @property
    def words(self) -> str:
        return self.text or self.quote


@dataclass(frozen=True)
class Page:
    url: str
    title: str
    text: str
    headings: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """What the page may be called: its heading, its title without the site's name."""
        found = [*self.headings[:1], _SEPARATOR.split(self.title)[0]]
        tidy = (_NUMBERING.sub("", " ".join(name.split())).strip() for name in found)
        return [name for name in tidy if 1 < len(name) <= LONGEST_NAME]


def sentences(page: Page) -> list[Passage]:
    """Whole readable sentences of the page, in their order; any lines where there are none."""
    spans = [match.group() for match in _SENTENCE.finditer(page.text)]
    whole = [s for s in spans if SHORTEST <= len(s) <= LONGEST and _ENDED.search(s) and is_readable(s)]
    lines = whole or [s.strip()[:LONGEST] for s in page.text.splitlines() if len(s.strip()) >= 8]
    return [Passage(page.url, quote, page.title) for quote in dict.fromkeys(lines)]


def is_readable(sentence: str) -> bool:
    letters = sum(char.isalpha() or char.isspace() for char in sentence)
    return (
        letters > 0.82 * len(sentence)
        and len(sentence.split()) >= 4
        and (sentence[0].isdigit() or (sentence[0].isalpha() and not sentence[0].islower()))
        and sentence.count("(") == sentence.count(")")
        and not any(pattern.search(sentence) for pattern in (_CODE, _MENU, _ODD_SPACE))
    )


def distinct(pages: Iterable[Page]) -> list[Passage]:
    """Sentences of all pages, each once; unfinished lines and what most pages repeat (menus, footers) come last."""
    per_page = [sentences(page) for page in pages]
    seen = Counter(passage.quote for found in per_page for passage in found)
    often = max(2, len(per_page) // 2)
    first: dict[str, Passage] = {}
    for passage in (p for found in per_page for p in found):
        first.setdefault(passage.quote, passage)
    return sorted(first.values(), key=lambda passage: (seen[passage.quote] > often, not _ENDED.search(passage.quote)))


def ranked(passages: Sequence[Passage], topic: str, *, wanted: frozenset[str] = frozenset(), skip: int = 0) -> list[Passage]:
    """The passages that suit the topic best first. wanted: words that are worth a place; skip: rotates the best, for other wording."""
    pattern = re.compile(TOPICS.get(topic, r"$^"), re.IGNORECASE)

    def score(place: int, passage: Passage) -> float:
        quote = passage.quote
        return (
            2.0 * min(2, len(pattern.findall(quote)))
            + 1.5 * min(2, len(wanted & stems(quote)))
            + 0.8 * (35 <= len(quote) <= 120)
            - 2.5 * bool(_DANGLING.match(quote))
            - 0.03 * place
        )

    scores = {passage.quote: score(place, passage) for place, passage in enumerate(passages)}
    ordered = sorted(passages, key=lambda passage: -scores[passage.quote])
    fitting = sum(found >= _FITTING for found in scores.values())
    best = ordered[: max(_FEWEST_BEST, min(_MOST_BEST, fitting))]
    turn = skip % len(best) if best else 0
    return best[turn:] + best[:turn] + ordered[len(best) :]


def stems(text: str) -> frozenset[str]:
    """The beginnings of the longer words, so that repair, repairs and repaired are one."""
    return frozenset(word[:6].lower() for word in re.findall(r"[^\W\d_]{5,}", text))


def price_in(page: Page) -> tuple[str, Passage] | None:
    """A price as the page writes it, and the line or sentence it stands in."""
    found = _PRICE.search(page.text)
    if not found:
        return None
    for match in _SENTENCE.finditer(page.text):
        if match.start() <= found.start() < match.end() and 8 <= len(match.group()) <= LONGEST:
            return found.group(), Passage(page.url, match.group(), page.title)
    start = page.text.rfind("\n", 0, found.start()) + 1
    line = page.text[start : start + LONGEST].split("\n")[0].strip()
    return (found.group(), Passage(page.url, line, page.title)) if found.group() in line and len(line) >= 8 else None


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, ending with a whole word."""
    if len(text) <= limit:
        return text
    head = text[:limit].rsplit(None, 1)[0] if " " in text[:limit] else text[:limit]
    return head.rstrip(" ,;:-–—")
