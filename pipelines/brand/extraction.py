"""From crawled pages to the brand's DNA."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from pipelines.brand import looks
from pipelines.brand.dna import BrandAnswer, BrandDNA
from pipelines.evidence.checking import Evidence
from pipelines.evidence.selection import reading
from pipelines.writing.context import EVIDENCE_RULE, request_for
from pipelines.writing.structured import ask
from providers.contracts.crawl import CrawledPage
from providers.contracts.text import TextAnswer, TextRequest

INSTRUCTIONS = (
    "You are a brand strategist who describes a brand from its own web site, soberly and precisely. A site may also be the documentation "
    "of a product or a project: then that is the brand, and what it offers are its products. " + EVIDENCE_RULE
)
TASK = (
    "Describe the brand behind these pages in the language of the pages: name, summary, voice, audiences, products, values and taglines. "
    "Leave a list empty rather than invent an entry; give at least one tone word and one audience."
)


def brand_request(domain: str, pages: Sequence[CrawledPage]) -> TextRequest:
    context = {"domain": domain, "language": language_of(pages), "pages": reading(pages)}
    return request_for("brand", instructions=INSTRUCTIONS, task=TASK, context=context, answer=BrandAnswer)


def extract_brand(complete: Callable[[TextRequest], TextAnswer], *, domain: str, pages: Sequence[CrawledPage]) -> BrandDNA:
    """The brand's DNA, every statement borne out by a page. Raises GeneratedInvalid, and what `complete` raises."""
    evidence = Evidence(pages)

    def check(answer: BrandAnswer) -> list[str]:
        return evidence.faults(answer) + missing(answer)

    answer = ask(complete, brand_request(domain, pages), BrandAnswer, check, evidence.supported)
    return BrandDNA(
        **{name: getattr(answer, name) for name in BrandAnswer.model_fields},
        domain=domain,
        language=language_of(pages),
        colours=looks.colours(pages),
        fonts=looks.fonts(pages),
        logo=looks.logo(pages),
        notes=evidence.notes,
    )


def missing(answer: BrandAnswer) -> list[str]:
    """What a brand cannot be without."""
    faults = []
    if not answer.voice.tone:
        faults.append("/voice/tone: at least one tone word is needed")
    if not answer.audiences:
        faults.append("/audiences: at least one audience is needed")
    return faults


def language_of(pages: Sequence[CrawledPage]) -> str | None:
    """The language of most pages."""
    counted = Counter(page.language for page in pages if page.language)
    return counted.most_common(1)[0][0] if counted else None
