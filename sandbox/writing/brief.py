"""A creative brief from what is known of the brand and its competitors."""

from __future__ import annotations

import re
from typing import Any

from sandbox.writing.brand import statement
from sandbox.writing.passages import Passage, shortened
from sandbox.writing.prompt import Prompt

_ROLES = {
    "x": "Opens the conversation: one true sentence, one picture and the way to the site.",
    "linkedin": "Tells the reasoning behind the work to people who buy for others.",
    "instagram": "Shows the thing itself, large and close.",
    "facebook": "Reaches people who know the brand already and may pass the post on.",
    "tiktok": "Shows in a few seconds how it is made and used.",
}
_CALLS = (
    (r"sign|subscri|newsletter|register|join", "Sign up with {name} today"),
    (r"repair|mend|book|appointment|visit|workshop", "Book your place with {name}"),
    (r"download|install|develop|document|try|adopt|user", "Try {name} today"),
    (r"buy|sale|sell|order|shop|launch|revenue", "Order yours from {name}"),
)


def call_to_action(prompt: Prompt) -> str:
    brief = prompt.data.get("brief")
    if isinstance(brief, dict) and isinstance(brief.get("call_to_action"), str):
        return str(brief["call_to_action"])
    name = shortened(prompt.brand_name, 40) if len(prompt.brand_name.split()) <= 3 else "us"
    return next((call for pattern, call in _CALLS if re.search(pattern, prompt.goal, re.IGNORECASE)), "Get to know {name}").format(
        name=name
    )


def told(passage: Passage | None) -> dict[str, Any] | None:
    return statement(passage.words, passage) if passage else None


def write(prompt: Prompt) -> dict[str, Any]:
    goal = prompt.goal.rstrip(".") or f"Make {prompt.brand_name} known"
    return {
        "objective": f"{goal}.",
        "audience": _audience(prompt),
        "message": told(prompt.take("values")),
        "support": [told(p) for topic in ("proof", "product", "summary") if (p := prompt.take(topic))],
        "tone": _tones(prompt),
        "call_to_action": call_to_action(prompt),
        "channels": [
            {"channel": name, "role": _ROLES.get(name, f"Carries the message to the people on {name}.")} for name, _ in prompt.channels
        ],
        "differences": _differences(prompt),
        "measures": ["Visits to the site that come from the posts", f"What the goal names: {goal[:1].lower()}{goal[1:]}"],
    }


def _audience(prompt: Prompt) -> dict[str, Any] | None:
    brand = prompt.data.get("brand")
    audiences = brand.get("audiences") if isinstance(brand, dict) else None
    if audiences and isinstance(audiences, list) and isinstance(audiences[0].get("needs"), dict):
        needs = audiences[0]["needs"]
        return {"text": f"{audiences[0].get('name', 'Readers')}: {needs.get('text', '')}", "source": needs.get("source")}
    return told(prompt.take("audience"))


def _tones(prompt: Prompt) -> list[str]:
    brand = prompt.data.get("brand")
    voice = brand.get("voice") if isinstance(brand, dict) else None
    tones = [str(tone.get("text", "")) for tone in (voice or {}).get("tone", []) if isinstance(tone, dict)]
    return tones[:4] or ["plain-spoken", "helpful"]


def _differences(prompt: Prompt) -> list[dict[str, str]]:
    """One a competitor, resting on the first finding that has a citation."""
    found = []
    for competitor in prompt.data.get("competitors") or []:
        cited = [f for f in competitor.get("findings") or [] if f.get("citations")]
        if cited:
            own = prompt.take("values")
            theirs = f"Of {competitor['name']} it is said: {cited[0]['text']}"
            text = f"{theirs} {prompt.brand_name} says of itself: {own.words}" if own else theirs
            found.append({"competitor": competitor["name"], "text": text, "citation": cited[0]["citations"][0]})
    return found[:4]
