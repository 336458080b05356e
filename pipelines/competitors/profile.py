"""Competitors: what the research vendor is asked for, and what is kept of it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from pipelines.evidence.statements import Answer


class FindingAnswer(Answer):
    text: str = Field(min_length=1, description="one fact about offer, price, position or tone, in one sentence")
    sources: list[str] = Field(description="URLs of the search results that say so; at least one")


class CompetitorAnswer(Answer):
    name: str = Field(min_length=1)
    url: str | None = Field(description="the competitor's own site, null when not known")
    findings: list[FindingAnswer] = Field(description="1-5 findings")


class CompetitorsAnswer(Answer):
    competitors: list[CompetitorAnswer] = Field(description="up to 4 direct competitors, closest first")


class Cited(BaseModel):
    """A source that the vendor itself returned."""

    url: str
    title: str
    date: str | None = None


class Finding(BaseModel):
    text: str
    citations: list[Cited]  # never empty


class CompetitorProfile(BaseModel):
    name: str
    url: str | None
    findings: list[Finding]  # never empty

    def row(self) -> dict[str, Any]:
        """The columns of `competitors` that come from here."""
        cited = {c.url: c.model_dump(mode="json") for finding in self.findings for c in finding.citations}
        found = [{"text": f.text, "citations": [c.url for c in f.citations]} for f in self.findings]
        return {"name": self.name, "url": self.url, "findings": {"findings": found}, "citations": list(cited.values())}


class CompetitorResearch(BaseModel):
    """May hold no competitor at all: nothing that could be cited was found, and `notes` say so."""

    competitors: list[CompetitorProfile]
    notes: list[str]
