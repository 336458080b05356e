"""The posts of a concept."""

from __future__ import annotations

from pipelines.concepts.concept import Concept, PostDraft
from pipelines.evidence.statements import Statement
from pipelines.publishing.drafts import drafts, link_of
from pipelines.publishing.media import media_for
from tests.pipelines.conftest import said

ASSETS = {"image": "i", "voice": "v", "video-9x16": "tall", "video-16x9": "wide"}
CONCEPT = Concept(
    position=1,
    title="One more chapter",
    idea="Light",
    audience="Readers",
    message=Statement.model_validate(said("Long light", "Every candle burns for 40 hours.")),
    claims=[],
    image_prompt="A candle",
    script="Read on.",
    scenes=[],
    posts=[PostDraft(channel=name, text=f"Read on, {name}.", hashtags=["Reading"]) for name in ("linkedin", "x")],
    notes=[],
)


def test_one_post_a_channel() -> None:
    """Each asked channel with words gets its post, in the asked order, ready for its row."""
    made = drafts(CONCEPT, channels=["x", "linkedin", "tiktok"], link="https://tallow.example", assets=ASSETS)
    assert [draft.channel for draft in made] == ["x", "linkedin"]
    assert made[0].row() == {"channel": "x", "text": "Read on, x.\n\nhttps://tallow.example\n\n#Reading", "asset_ids": ["wide"]}


def test_media_suit_the_channel() -> None:
    """Tall channels get the tall film; without a film the picture; a voice alone is no medium of a post."""
    assert media_for("tiktok", ASSETS) == ["tall"]
    assert media_for("x", {"image": "i", "voice": "v"}) == ["i"]
    assert media_for("tiktok", {"image": "i"}) == []


def test_link_of_a_domain() -> None:
    """A bare domain becomes a link, a URL stays what it is."""
    assert link_of("tallow.example") == "https://tallow.example"
    assert link_of("http://127.0.0.1:8000/docs/") == "http://127.0.0.1:8000/docs/"
