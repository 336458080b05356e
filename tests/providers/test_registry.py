"""Which vendor serves a capability, and what is said when none can."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import InvalidInput, NotConfigured
from providers import registry

KEYS = ("OPENROUTER_API_KEY", "PERPLEXITY_API_KEY", "SEGMIND_API_KEY", "ELEVENLABS_API_KEY", "FIRECRAWL_API_KEY", "X_CLIENT_ID")
Configure = Callable[..., None]


@pytest.mark.parametrize(
    ("capability", "variable"),
    [
        (registry.text_model, "OPENROUTER_API_KEY"),
        (registry.researcher, "PERPLEXITY_API_KEY"),
        (registry.image_model, "SEGMIND_API_KEY"),
        (registry.voice_model, "ELEVENLABS_API_KEY"),
        (lambda: registry.social("x"), "X_CLIENT_ID"),
    ],
)
def test_a_missing_key_is_named(configure: Configure, capability: Callable[[], object], variable: str) -> None:
    """NotConfigured says which variable to set; with it the vendor is there."""
    configure(**dict.fromkeys(KEYS, ""))
    with pytest.raises(NotConfigured, match=variable) as refused:
        capability()
    assert refused.value.errors == [{"pointer": variable, "detail": "is missing"}]
    configure(**{variable: "something"})
    assert capability() is not None


def test_the_crawling_vendor_is_optional(configure: Configure) -> None:
    """Without a key our own crawler does it."""
    configure(FIRECRAWL_API_KEY="")
    assert registry.crawler_vendor() is None
    configure(FIRECRAWL_API_KEY="fc-something")
    assert registry.crawler_vendor() is not None


def test_the_vendor_for_backgrounds_is_optional(configure: Configure) -> None:
    """Without a key a model of our own does it."""
    configure(REMOVEBG_API_KEY="")
    assert registry.background_remover() is None
    configure(REMOVEBG_API_KEY="something")
    assert registry.background_remover() is not None


def test_an_unknown_channel_is_refused_with_the_known_ones() -> None:
    """The hint lists what there is."""
    with pytest.raises(InvalidInput) as refused:
        registry.social("myspace")
    assert "x" in refused.value.hint
    assert registry.channels() == ["x"]


def test_only_the_sandbox_is_simulated(configure: Configure) -> None:
    """The mark follows the base URL."""
    configure(
        OPENROUTER_API_KEY="k", SEGMIND_API_KEY="k", SANDBOX_URL="http://127.0.0.1:8900", SEGMIND_BASE_URL="http://127.0.0.1:8900/segmind"
    )
    assert registry.image_model().simulated
    assert not registry.text_model().simulated
