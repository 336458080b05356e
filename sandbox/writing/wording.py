"""A fitting value for a field from its name alone, for schemas that no template knows."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.writing.brief import call_to_action
from sandbox.writing.concepts import ANGLES, caption_of, hashtags, script
from sandbox.writing.passages import Passage
from sandbox.writing.prompt import Prompt

Writer = Callable[[Prompt, int, "Passage | None"], str]
_ADJECTIVES = ("plain-spoken", "warm", "precise", "calm", "practical", "curious")
_FONTS = ("Inter", "Source Serif", "DM Sans")
_COLOURS = ("#1f4d3a", "#e8a33d", "#f7f1e3", "#22252b", "#c8553d")
_KPIS = ("Visits to the site", "Sign-ups", "Replies to the posts", "Completed views of the film")


def _rotate(values: tuple[str, ...]) -> Writer:
    return lambda prompt, index, _passage: values[(index + prompt.variation) % len(values)]


def _sentence(topic: str) -> Writer:
    def write(prompt: Prompt, _index: int, passage: Passage | None) -> str:
        chosen = passage or prompt.take(topic)
        return chosen.words if chosen else f"{prompt.brand_name} has more to say about this on its site."

    return write


def _short(prompt: Prompt, index: int, passage: Passage | None) -> str:
    chosen = passage or prompt.take("values")
    return (caption_of(chosen.quote) if chosen else "") or ANGLES[index % len(ANGLES)].title


def _page_name(prompt: Prompt, index: int, _passage: Passage | None) -> str:
    names = [name for page in prompt.pages if (name := prompt.name_of(page))] or [prompt.brand_name]
    return names[index % len(names)]


def _picture(prompt: Prompt, index: int, _passage: Passage | None) -> str:
    colours = f", in the colours {', '.join(prompt.colours[:3])}" if prompt.colours else ""
    return f"{_page_name(prompt, index, None)}: {ANGLES[index % len(ANGLES)].picture}{colours}, no lettering"


def _script(prompt: Prompt, index: int, _passage: Passage | None) -> str:
    taken = [passage for topic in ("values", "proof", "product") if (passage := prompt.take(topic))]
    return script(ANGLES[index % len(ANGLES)].opener, [p.quote for p in taken], call_to_action(prompt))


def _post(prompt: Prompt, index: int, passage: Passage | None) -> str:
    chosen = passage or prompt.take("values")
    return f"{ANGLES[index % len(ANGLES)].hook} {chosen.quote if chosen else prompt.brand_name}"


def _channel(prompt: Prompt, index: int, _passage: Passage | None) -> str:
    names = [name for name, _ in prompt.channels] or ["x"]
    return names[index % len(names)]


def _keyword(prompt: Prompt, index: int, _passage: Passage | None) -> str:
    words = re.findall(r"[a-z]{6,}", " ".join(p.quote.lower() for p in prompt.passages[:20])) or ["brand"]
    distinct: list[str] = list(dict.fromkeys(words))
    return distinct[(index + prompt.variation) % len(distinct)]


def _tag(prompt: Prompt, index: int, passage: Passage | None) -> str:
    tags = hashtags(prompt)
    return tags[index] if index < len(tags) else _keyword(prompt, index, passage)


def _url(prompt: Prompt, index: int, passage: Passage | None) -> str:
    urls = [page.url for page in prompt.pages] or [prompt.home]
    return passage.url if passage else urls[index % len(urls)]


# The first pattern that is found in the field's name decides.
WRITERS: tuple[tuple[str, Writer], ...] = (
    (r"url|link|href|website|homepage", _url),
    (r"e_?mail", lambda prompt, _i, _p: "hello@brand.example"),
    (r"quote|excerpt|passage|evidence", lambda prompt, _i, passage: (passage or prompt.take("values") or Passage("", "")).quote),
    (r"colou?r|hex|palette", lambda prompt, i, _p: (tuple(prompt.colours) or _COLOURS)[i % len(tuple(prompt.colours) or _COLOURS)]),
    (r"font|typeface", _rotate(_FONTS)),
    (r"language|locale", lambda prompt, _i, _p: str(prompt.data.get("language") or "en")),
    (r"hashtag|tags?$", _tag),
    (r"keyword|term|topic", _keyword),
    (r"channel|platform|network", _channel),
    (r"image|visual|picture|art_?direction|shot|photo", _picture),
    (r"alt", _page_name),
    (r"script|voice_?over|narration|spoken|speech", _script),
    (r"call_?to_?action|cta|action", lambda prompt, _i, _p: call_to_action(prompt)),
    (r"tone|voice|adjective|personality|mood|style", _rotate(_ADJECTIVES)),
    (r"metric|kpi|measure", _rotate(_KPIS)),
    (r"objective|goal", lambda prompt, _i, _p: prompt.goal or f"Make {prompt.brand_name} known"),
    (r"post|copy|body|caption_?text", _post),
    (r"headline|title|tagline|slogan|hook|caption|subject", _short),
    (r"brand|company|^name$", lambda prompt, _i, _p: prompt.brand_name),
    (r"name|label|product|item", _page_name),
    (r"audience|persona|segment|customer", _sentence("audience")),
    (r"summary|description|about|overview|mission|position", _sentence("summary")),
    (r"proof|fact|claim|figure|statement|reason|support", _sentence("proof")),
    (r"feature|benefit|offer", _sentence("product")),
    (r"date", lambda _prompt, _i, _p: "2026-06-01"),
)
_FALLBACK = _sentence("values")
_NUMBERS = (
    (r"confidence|probability|share|ratio", 0.8),
    (r"seconds|duration|length", 15),
    (r"score|rating", 4),
    (r"price|cost|budget", 25),
)


def wording(prompt: Prompt, path: tuple[str, ...], index: int, passage: Passage | None) -> str:
    """path: property names from the root; a name that no pattern knows lets its parents decide."""
    for name in reversed(path):
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        for pattern, write in WRITERS:
            if re.search(pattern, plain):
                return write(prompt, index, passage)
    return _FALLBACK(prompt, index, passage)


def number(path: tuple[str, ...], index: int) -> float:
    """A usual value for a number of this name."""
    name = path[-1].lower() if path else ""
    return next((value for pattern, value in _NUMBERS if re.search(pattern, name)), index + 1)
