"""What vendors charge, in USD, as their public lists said in November 2026. For estimates before a call, and for costs
that the answer does not tell; the vendors' invoices decide. Unknown models take the dearest usual price.
"""

from __future__ import annotations

from decimal import Decimal

# OpenRouter: (input, output) a million tokens.
TEXT_MODELS = {
    "anthropic/claude-sonnet-4.5": (Decimal(3), Decimal(15)),
    "anthropic/claude-haiku-4.5": (Decimal(1), Decimal(5)),
    "openai/gpt-4o-mini": (Decimal("0.15"), Decimal("0.60")),
}
TEXT_MODEL_UNKNOWN = (Decimal(5), Decimal(25))

RESEARCH_QUESTION = Decimal("0.03")  # Perplexity: one search call and a few thousand tokens

# Segmind: one image.
IMAGE_MODELS = {
    "sdxl1.0-txt2img": Decimal("0.008"),
    "fast-flux-schnell": Decimal("0.0055"),
    "flux-schnell": Decimal("0.008"),
    "flux-dev": Decimal("0.02"),
    "flux-1.1-pro": Decimal("0.05"),
    "seedream-4.5": Decimal("0.05"),
    "imagen-4": Decimal("0.06"),
}
IMAGE_MODEL_UNKNOWN = Decimal("0.20")

VOICE_CHARACTER = Decimal("0.0003")  # ElevenLabs: one credit
CRAWL_CREDIT = Decimal("0.006")  # Firecrawl: one page
BACKGROUND_CREDIT = Decimal("0.20")  # remove.bg: one picture in full size

X_POST = Decimal("0.015")
X_POST_WITH_URL = Decimal("0.20")
X_MEDIA_METADATA = Decimal("0.005")


def text_tokens(model: str, *, characters: int, max_tokens: int) -> Decimal:
    """An upper guess for one completion: a token is at least three characters of input, and the answer is as long as it may be."""
    given, made = TEXT_MODELS.get(model, TEXT_MODEL_UNKNOWN)
    return (given * (characters // 3 + 50) + made * max_tokens) / Decimal(1_000_000)


def image(model: str) -> Decimal:
    return IMAGE_MODELS.get(model, IMAGE_MODEL_UNKNOWN)
