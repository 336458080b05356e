"""The brief: what is to be achieved, for whom, with which message and why it may be believed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from pipelines.evidence.statements import Answer, Statement


class ChannelPlan(Answer):
    channel: str = Field(description="one of channels")
    role: str = Field(min_length=1, description="what this channel does for the goal, in one sentence")


class Difference(Answer):
    competitor: str = Field(description="name of one of the competitors")
    text: str = Field(min_length=1, description="what sets the brand apart from it, in one sentence")
    citation: str = Field(description="URL of one of that competitor's citations")


class BriefAnswer(Answer):
    objective: str = Field(min_length=1, description="the goal as one measurable sentence")
    audience: Statement = Field(description="who is addressed first")
    message: Statement = Field(description="the single thing the audience should remember")
    support: list[Statement] = Field(description="2-5 facts about the brand that make the message believable")
    tone: list[str] = Field(description="2-4 tone words taken from the brand's voice")
    call_to_action: str = Field(min_length=1, description="what the audience should do, at most eight words")
    channels: list[ChannelPlan] = Field(description="one entry for each of channels")
    differences: list[Difference] = Field(description="up to 4; empty when no competitors are given")
    measures: list[str] = Field(description="1-3 figures that show whether the goal is met")


class Brief(BaseModel):
    """The brief that is kept. `notes` tell what was left out, and why."""

    objective: str
    audience: Statement
    message: Statement
    support: list[Statement]
    tone: list[str]
    call_to_action: str
    channels: list[ChannelPlan]
    differences: list[Difference]
    measures: list[str]
    notes: list[str]

    def row(self) -> dict[str, Any]:
        """The column of `briefs` that comes from here."""
        return {"body": self.model_dump(mode="json")}
