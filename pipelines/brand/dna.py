"""Brand DNA: what the model is asked for, and what is kept."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from pipelines.evidence.statements import Answer, Statement


class Voice(Answer):
    tone: list[Statement] = Field(description="2-5 entries; text is one tone word, the quote a sentence that sounds so")
    do: list[Statement] = Field(description="1-4 rules of what the brand's writing does; the quote shows it")
    avoid: list[Statement] = Field(description="0-4 rules of what the brand's writing never does; the quote shows the contrast")


class Audience(Answer):
    name: str = Field(min_length=1, description="a short name of the segment")
    needs: Statement = Field(description="who they are and what they need")


class Product(Answer):
    name: str = Field(min_length=1)
    description: Statement
    price: Statement | None = Field(description="text is the price as the page writes it; null when no page names one")


class BrandAnswer(Answer):
    """What the language model fills. Looks (colours, fonts, logo) come from the pages' own code instead."""

    name: str = Field(min_length=1, description="the brand's name as it writes itself")
    summary: Statement = Field(description="what the brand is and does, in one or two sentences")
    voice: Voice
    audiences: list[Audience] = Field(description="1-4 segments")
    products: list[Product] = Field(description="up to 8 products, services or parts of the offer; empty when there are none")
    values: list[Statement] = Field(description="up to 5 values the brand holds")
    taglines: list[Statement] = Field(description="up to 4 slogans; text repeats the quote")


class Look(BaseModel):
    """A colour, font or logo with the page whose code names it."""

    value: str  # "#rrggbb", a family name, an absolute URL
    page: str


class BrandDNA(BaseModel):
    """The brand as the later steps use it. `notes` tell what was left out, and why."""

    name: str
    domain: str
    language: str | None
    summary: Statement
    voice: Voice
    audiences: list[Audience]
    products: list[Product]
    values: list[Statement]
    taglines: list[Statement]
    colours: list[Look]
    fonts: list[Look]
    logo: Look | None
    notes: list[str]

    def row(self) -> dict[str, Any]:
        """The columns of `brands` that come from here."""
        return {"domain": self.domain, "name": self.name, "dna": self.model_dump(mode="json")}
