"""Creative concepts: an idea, a key picture, a script to be spoken, scenes and a post for each channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.writing.brief import call_to_action, told
from sandbox.writing.passages import Passage, is_readable, ranked, shortened, stems
from sandbox.writing.prompt import Prompt

FEWEST_WORDS, MOST_WORDS = 36, 58  # of a script
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Angle:
    title: str
    idea: str
    opener: str
    picture: str
    hook: str


ANGLES = (
    Angle(
        "One true sentence",
        "A single sentence that {name} has written about itself carries the whole piece. The picture shows what it says.",
        "Some things need only one sentence.",
        "a single object in the middle of a wide, quiet space, soft window light",
        "One sentence says it best:",
    ),
    Angle(
        "The long view",
        "Most advertising talks about today. This piece looks at what is still there years later, and lets {name} explain why.",
        "Think of the things you have kept the longest.",
        "the same corner of a room in morning, noon and evening light, side by side",
        "What will you still use years from now?",
    ),
    Angle(
        "How it is done",
        "People trust what they can follow. We show one thing that {name} does, step by step, with no secret left over.",
        "Here is how it works.",
        "hands at work on a bench, tools laid out in order, seen from above",
        "No secret, just the way we work:",
    ),
    Angle(
        "Start small",
        "Nobody changes everything at once. The piece picks one small thing that {name} makes easy and stops there.",
        "You do not have to change everything.",
        "one small detail in large close-up, the background far out of focus",
        "Start with one small thing.",
    ),
)
_COMPOSITIONS = ("wide view", "close-up", "seen from above", "at eye level", "against a plain wall")


def write(prompt: Prompt) -> dict[str, Any]:
    count = prompt.data.get("count")
    wanted = count if isinstance(count, int) and 0 < count <= 10 else 2
    return {"concepts": [_concept(prompt, index + wanted * prompt.variation) for index in range(wanted)]}


def _concept(prompt: Prompt, index: int) -> dict[str, Any]:
    angle = ANGLES[index % len(ANGLES)]
    claims = _claims(prompt)
    title = angle.title if index < len(ANGLES) else f"{angle.title}, again"
    subject = _subjects(prompt)[index % len(_subjects(prompt))]
    call = call_to_action(prompt)
    return {
        "title": title,
        "idea": angle.idea.format(name=prompt.brand_name),
        "audience": _audience(prompt, index),
        "message": told(claims[0]) if claims else None,
        "claims": [told(claim) for claim in claims],
        "image_prompt": f"{subject}: {angle.picture}, {_palette(prompt)}, no lettering, no logo",
        "script": script(angle.opener, [c.quote for c in claims], call),
        "scenes": _scenes(prompt, subject, claims, call),
        "posts": [_post(prompt, _hook(angle, index), subject, claims, channel, limit, call) for channel, limit in prompt.channels],
    }


def _claims(prompt: Prompt) -> list[Passage]:
    """Three passages that can be spoken, the least used first."""
    pool = [p for p in prompt.statements or prompt.passages if is_readable(p.quote) and len(p.quote.split()) <= 32]
    found = [prompt.take(topic, pool or prompt.passages) for topic in ("values", "proof", "product")]
    return list({p.quote: p for p in found if p}.values())


def _subjects(prompt: Prompt) -> list[str]:
    brand = prompt.data.get("brand")
    products = brand.get("products") if isinstance(brand, dict) else None
    names = [str(product["name"]) for product in products or [] if isinstance(product, dict) and product.get("name")]
    turn = prompt.variation % len(names) if names else 0
    return names[turn:] + names[:turn] or [prompt.brand_name]


def _audience(prompt: Prompt, index: int) -> str:
    brand = prompt.data.get("brand")
    audiences = brand.get("audiences") if isinstance(brand, dict) else None
    names = [str(a["name"]) for a in audiences or [] if isinstance(a, dict) and a.get("name")]
    return names[index % len(names)] if names else f"People who do not know {prompt.brand_name} yet"


def _palette(prompt: Prompt) -> str:
    return f"in the colours {', '.join(prompt.colours[:4])}" if prompt.colours else "in few, calm colours"


def word_count(text: str) -> int:
    return len(_WORD.findall(text))


def script(opener: str, quotes: list[str], call: str) -> str:
    """Between 36 and 58 words: opener, as many of the quotes as fit, filling sentences where they are short, the call."""
    closing = f"{call.rstrip('.')}."
    parts, room = [opener], MOST_WORDS - word_count(opener) - word_count(closing)
    for quote in quotes:
        if word_count(quote) <= room:
            parts.append(_ended(quote))
            room -= word_count(quote)
    for filler in _FILLERS:
        if MOST_WORDS - room < FEWEST_WORDS and word_count(filler) <= room:
            parts.append(filler)
            room -= word_count(filler)
    return " ".join([*parts, closing])


_FILLERS = (
    "Take a moment and look at it closely.",
    "It is made for the days on which you need it, and for all the days in between.",
    "You can see for yourself, ask what you like, and take your time to decide.",
    "That is all there is to say about it.",
)


def _ended(quote: str) -> str:
    return quote if quote[-1] in ".!?" else f"{quote.rstrip(' ,;:')}."


def caption_of(text: str) -> str:
    """At most eight words and 60 characters: the text itself if it is so short, else its first clause; empty when neither will do."""
    whole, clause = text.rstrip("."), _CLAUSE_END.split(text)[0].strip()
    fitting = [c for c, fewest in ((whole, 2), (clause, 3)) if fewest <= len(c.split()) <= 8 and len(c) <= 60]
    return next((c for c in fitting if not _UNFINISHED.search(c)), "")


_CLAUSE_END = re.compile(r"[,:](?!\d)|[;–—(]|\band\b|\bbut\b|\bwhich\b|\bthat\b")
_UNFINISHED = re.compile(
    r"^(if|when|for|because|while|after|before|on|in|at|to|as|although|since)\b|\b(a|an|the|of|with|to|from|is|are)$", re.IGNORECASE
)


def _scenes(prompt: Prompt, subject: str, claims: list[Passage], call: str) -> list[dict[str, str]]:
    short = [p for p in prompt.statements or prompt.passages if len(p.quote.split()) <= 8]
    slogans = [p.quote for p in ranked(short, "values", wanted=stems(prompt.goal), skip=prompt.variation)]
    quotes = sorted((c.quote for c in claims), key=lambda quote: len(quote.split()) > 8)
    turn = sum(len(quote.split()) <= 8 for quote in quotes)
    texts = [*quotes[:turn], *slogans[:1], *quotes[turn:], *slogans[1:], *_FILLER_CAPTIONS]
    usable = [caption for text in texts if (caption := caption_of(text))]
    captions = list(dict.fromkeys([caption_of(subject) or shortened(subject, 60), *usable]))[:3]
    pictures = [f"{subject}, {view}, {_palette(prompt)}, no lettering" for view in _COMPOSITIONS]
    last = caption_of(call) or "See for yourself"
    return [{"caption": caption, "image_prompt": picture} for caption, picture in zip([*captions, last], pictures, strict=False)]


_FILLER_CAPTIONS = ("Look closely", "Take your time", "Ask what you like")


# A network refuses the same post twice within a day, so that a campaign that runs again must not open as it did before.
_OPENINGS = ("", "A thought for today.", "Once more, gladly.", "Worth a second look.", "Something we stand by.", "Between two cups of tea.")


def _hook(angle: Angle, index: int) -> str:
    return f"{_OPENINGS[index // len(ANGLES) % len(_OPENINGS)]} {angle.hook}".strip()


def _post(prompt: Prompt, hook: str, subject: str, claims: list[Passage], channel: str, limit: int, call: str) -> dict[str, Any]:
    """Hook, the claims that fit, and the call: no link, within the limit by X's weights."""
    text = hook
    for claim in claims:
        if _weight(f"{text}\n\n{claim.quote}\n\n{call}.") <= limit:
            text = f"{text}\n\n{claim.quote}"
    if _weight(f"{text}\n\n{call}.") <= limit:
        text = f"{text}\n\n{call}."
    return {"channel": channel, "text": shortened(text, limit), "hashtags": hashtags(prompt, subject)}


def _weight(text: str) -> int:
    return sum(1 if ord(char) < 4352 or 8192 <= ord(char) <= 8247 else 2 for char in text)


def hashtags(prompt: Prompt, subject: str = "") -> list[str]:
    words = re.findall(r"[^\W\d_]{5,}", subject or " ".join(_subjects(prompt)))
    tags = ["".join(re.findall(r"[^\W_]+", prompt.brand_name)), *(word.capitalize() for word in words)]
    return list(dict.fromkeys(tag for tag in tags if tag))[:2]
