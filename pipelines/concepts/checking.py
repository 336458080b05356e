"""What makes a concept usable: its length, its channels, its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.concepts.concept import ConceptAnswer
from pipelines.concepts.figures import invented
from pipelines.concepts.speech import FEWEST_WORDS, MOST_WORDS, spoken_words
from pipelines.publishing.posts import LINK, fits, words_limit

FEWEST_SCENES, MOST_SCENES = 3, 5


def concept_faults(concept: ConceptAnswer, *, channels: Sequence[str], material: Sequence[str]) -> Iterator[str]:
    """What is wrong, each as `pointer: sentence` with the pointer relative to the concept."""
    words = spoken_words(concept.script)
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        yield f"/script: it has {words} words; {FEWEST_WORDS} to {MOST_WORDS} are needed"
    if not FEWEST_SCENES <= len(concept.scenes) <= MOST_SCENES:
        yield f"/scenes: there are {len(concept.scenes)}; {FEWEST_SCENES} to {MOST_SCENES} are needed"
    if not concept.claims:
        yield "/claims: at least one fact about the brand is needed"
    if sorted(post.channel for post in concept.posts) != sorted(channels):
        yield f"/posts: exactly one is needed for each of {', '.join(channels)}"
    yield from post_faults(concept, channels)
    yield from figure_faults(concept, material)


def post_faults(concept: ConceptAnswer, channels: Sequence[str]) -> Iterator[str]:
    for place, post in enumerate(concept.posts):
        if post.channel not in channels:
            continue
        if LINK.search(post.text):
            yield f"/posts/{place}/text: it holds a link; the campaign's link is added afterwards"
        if not fits(post.channel, post.text):
            yield f"/posts/{place}/text: it is longer than {words_limit(post.channel)} characters"


def figure_faults(concept: ConceptAnswer, material: Sequence[str]) -> Iterator[str]:
    said = {"/script": concept.script}
    said |= {f"/scenes/{place}/caption": scene.caption for place, scene in enumerate(concept.scenes)}
    said |= {f"/posts/{place}/text": post.text for place, post in enumerate(concept.posts)}
    for pointer, text in said.items():
        if made_up := invented(text, material):
            yield f"{pointer}: the figure {', '.join(made_up)} stands neither on the pages nor in the goal"
