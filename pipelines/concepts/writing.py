"""Writing concepts from the brief."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipelines.brand.dna import BrandDNA
from pipelines.brief.brief import Brief
from pipelines.brief.writing import told_brand
from pipelines.concepts.checking import concept_faults
from pipelines.concepts.concept import Concept, ConceptAnswer, ConceptsAnswer
from pipelines.evidence.checking import Evidence
from pipelines.publishing.posts import words_limit
from pipelines.writing.context import EVIDENCE_RULE, request_for
from pipelines.writing.structured import ask
from providers.contracts.crawl import CrawledPage
from providers.contracts.text import TextAnswer, TextRequest

INSTRUCTIONS = (
    "You are the creative director of an advertising agency. From a brief you make concepts that differ in their idea, not only in their "
    "words, and that sound like the brand. List under claims every fact about the brand that you use, with the source it has in brand or "
    "brief. Pictures show no lettering and no logo; they use the brand's colours. Posts hold no links. " + EVIDENCE_RULE
)
TASK = (
    "Write {count} concepts in the language of the brand: title, idea, audience, message, claims, key picture, a script of 35 to "
    "60 words, 3 to 5 scenes, and one post for each of channels within its limit."
)
COUNT = 2


def concepts_request(*, name: str, goal: str, channels: Sequence[str], brand: BrandDNA, brief: Brief, count: int = COUNT) -> TextRequest:
    colours = [look.value for look in brand.colours]
    context = {
        "count": count,
        "name": name,
        "goal": goal,
        "domain": brand.domain,
        "language": brand.language,
        "channels": [{"channel": channel, "limit": words_limit(channel)} for channel in channels],
        "brand": {**told_brand(brand), "colours": colours},
        "brief": brief.model_dump(mode="json", exclude={"notes"}),
    }
    task = TASK.format(count=count)
    return request_for("concepts", instructions=INSTRUCTIONS, task=task, context=context, answer=ConceptsAnswer, max_tokens=8000)


def write_concepts(
    complete: Callable[[TextRequest], TextAnswer],
    *,
    name: str,
    goal: str,
    channels: Sequence[str],
    brand: BrandDNA,
    brief: Brief,
    pages: Sequence[CrawledPage],
    count: int = COUNT,
) -> list[Concept]:
    """`count` concepts, numbered from 1, whose statements the pages bear out. Raises GeneratedInvalid, and what `complete` raises."""
    evidence = Evidence(pages)
    material = [goal, name, *(words for page in pages for words in (page.title, page.description, *page.headings, page.text))]

    def check(answer: ConceptsAnswer) -> list[str]:
        faults = [] if len(answer.concepts) == count else [f"/concepts: there are {len(answer.concepts)}; {count} are needed"]
        for place, concept in enumerate(answer.concepts):
            faults += [f"/concepts/{place}{fault}" for fault in concept_faults(concept, channels=channels, material=material)]
        return faults + evidence.faults(answer)

    request = concepts_request(name=name, goal=goal, channels=channels, brand=brand, brief=brief, count=count)
    answer = ask(complete, request, ConceptsAnswer, check, evidence.supported)
    colours = [look.value for look in brand.colours]
    return [kept(place, concept, colours, evidence.notes) for place, concept in enumerate(answer.concepts, start=1)]


def kept(position: int, concept: ConceptAnswer, colours: Sequence[str], notes: list[str]) -> Concept:
    fields = {name: getattr(concept, name) for name in ConceptAnswer.model_fields}
    return Concept(**fields | {"position": position, "notes": notes, "image_prompt": coloured(concept.image_prompt, colours)})


def coloured(prompt: str, colours: Sequence[str]) -> str:
    """The prompt, with the brand's colours named as #rrggbb when it names none of them."""
    if not colours or any(colour in prompt.lower() for colour in colours):
        return prompt
    return f"{prompt.rstrip('. ')}. Colour palette: {', '.join(colours[:3])}."
