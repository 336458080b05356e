"""What a prompt asks for, read from its messages: the purpose, the JSON blocks in it, the pages, the statements made before."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from sandbox.writing.passages import LONGEST_NAME, Page, Passage, distinct, ranked, stems

_BLOCK = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.DOTALL)
_SEPARATOR = re.compile(r"\s+[|–—·-]\s+|\s*[|()]\s*")
_NOT_A_NAME = re.compile(r"\b(documentation|manual|docs|reference|handbook|user guide|home ?page)\b|\bv?\d+(\.\d+)+\b|:.*", re.IGNORECASE)
_NAME_INSIDE = re.compile(r"(?<=[a-z,] )[A-Z][\w.]{2,}\b")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


@dataclass(frozen=True)
class Prompt:
    """variation: 0 the first time this question is asked, then 1, 2 ..., so that asking again gives other words."""

    purpose: str
    prose: str
    data: dict[str, Any]
    variation: int = 0
    _taken: Counter[str] = field(default_factory=Counter)

    @cached_property
    def pages(self) -> list[Page]:
        found = (item for item in _dicts(self.data) if isinstance(item.get("url"), str))
        pages = [(item, _text_of(item)) for item in found]
        return [
            Page(item["url"], str(item.get("title") or ""), text, tuple(h for h in item.get("headings") or () if isinstance(h, str)))
            for item, text in pages
            if text
        ]

    @cached_property
    def statements(self) -> list[Passage]:
        """Statements with their sources, as an earlier answer made them; single words (tones, prices) left out."""
        found = []
        for item in _dicts(self.data, leave_out="voice"):
            source = item.get("source")
            text = str(item.get("text") or "")
            if isinstance(source, dict) and isinstance(source.get("quote"), str) and isinstance(source.get("url"), str) and len(text) > 11:
                found.append(Passage(source["url"], source["quote"], text=text))
        return list({p.quote: p for p in found}.values())

    @cached_property
    def passages(self) -> list[Passage]:
        bare = [
            Passage(d["url"], d["quote"]) for d in _dicts(self.data) if isinstance(d.get("url"), str) and isinstance(d.get("quote"), str)
        ]
        return distinct(self.pages) or self.statements or bare

    def take(self, topic: str, pool: Sequence[Passage] | None = None) -> Passage | None:
        """The least used passage, the ones on the topic first; none when the prompt holds no text at all."""
        candidates = ranked(self.passages if pool is None else pool, topic, wanted=stems(self.goal), skip=self.variation)
        if not candidates:
            return None
        chosen = min(candidates, key=lambda p: self._taken[p.quote])
        self._taken[chosen.quote] += 1
        return chosen

    @cached_property
    def brand_name(self) -> str:
        brand = self.data.get("brand")
        if isinstance(brand, dict) and isinstance(brand.get("name"), str):
            return str(brand["name"])
        return self._name_in_titles() or _name_of_host(self.home) or self._name_in_texts() or "The brand"

    def _name_in_titles(self) -> str:
        """The part that at least half of the titles share, without words such as Documentation."""
        every = (_NOT_A_NAME.sub("", part).strip() for page in self.pages for part in set(_SEPARATOR.split(page.title)))
        parts = Counter(part for part in every if 1 < len(part) <= LONGEST_NAME)
        name, count = parts.most_common(1)[0] if parts else ("", 0)
        return name if count >= max(2, len(self.pages) // 2) or len(self.pages) == 1 else ""

    def _name_in_texts(self) -> str:
        """The word that is most often written with a capital in the middle of a sentence."""
        words = Counter(word.rstrip(".") for page in self.pages for word in _NAME_INSIDE.findall(page.text))
        return words.most_common(1)[0][0] if words else ""

    def name_of(self, page: Page) -> str:
        """What the page is about; empty when it shares all its names with others."""
        return next((name for name in page.names if self._names[name] == 1 and name != self.brand_name), "")

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(name for page in self.pages for name in set(page.names))

    @cached_property
    def home(self) -> str:
        """URL of the site."""
        domain = self.data.get("domain")
        if isinstance(domain, str) and domain:
            return domain if "://" in domain else f"https://{domain}"
        urls = [page.url for page in self.pages] or [p.url for p in self.statements]
        return min(urls, key=len) if urls else "https://brand.example/"

    @cached_property
    def goal(self) -> str:
        return str(self.data.get("goal") or "").strip()

    @cached_property
    def channels(self) -> list[tuple[str, int]]:
        """Names with the longest text each takes."""
        given = self.data.get("channels")
        found = []
        for item in given if isinstance(given, list) else []:
            if isinstance(item, str):
                found.append((item, 220))
            elif isinstance(item, dict):
                found.append((str(item.get("channel") or item.get("name") or "x"), int(item.get("limit") or item.get("max_length") or 220)))
        return found

    @cached_property
    def colours(self) -> list[str]:
        return list(dict.fromkeys(c.lower() for c in _COLOUR.findall(self.prose)))


def read_prompt(purpose: str, messages: list[dict[str, Any]], *, variation: int = 0) -> Prompt:
    """messages: `{role, content}` where content is text or a list of parts."""
    texts = [_content(message.get("content")) for message in messages if message.get("role") != "assistant"]
    prose = "\n\n".join(texts)
    data: dict[str, Any] = {}
    for block in [*_BLOCK.findall(prose), *texts]:
        try:
            found = json.loads(block)
        except ValueError:
            continue
        if isinstance(found, dict):
            data |= found
    return Prompt(str(data.get("purpose") or purpose), prose, data, variation)


def fingerprint(*texts: str) -> str:
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:24]


def _content(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _text_of(item: dict[str, Any]) -> str:
    return next((item[name] for name in ("text", "content", "markdown") if isinstance(item.get(name), str) and item[name].strip()), "")


def _dicts(value: Any, *, leave_out: str = "") -> Iterator[dict[str, Any]]:
    """Every object inside a JSON value, except below the key `leave_out`."""
    if isinstance(value, dict):
        yield value
        for key, item in value.items():
            if key != leave_out:
                yield from _dicts(item, leave_out=leave_out)
    elif isinstance(value, list):
        for item in value:
            yield from _dicts(item, leave_out=leave_out)


def _name_of_host(url: str) -> str:
    labels = [label for label in (urlsplit(url).hostname or "").split(".") if label not in ("www", "")]
    return labels[-2].capitalize() if len(labels) > 1 and not labels[-1].isdecimal() else ""
