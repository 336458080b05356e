"""A concept: one idea, told in a picture, a short film and a post for each channel."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from pipelines.evidence.statements import Answer, Statement


class Scene(Answer):
    caption: str = Field(min_length=1, max_length=60, description="words on screen, at most eight")
    image_prompt: str = Field(min_length=1, description="what this scene's picture shows, without any lettering")


class PostDraft(Answer):
    channel: str = Field(description="one of channels")
    text: str = Field(min_length=1, description="the post without link and hashtags, within the channel's limit")
    hashtags: list[str] = Field(description="up to 3, letters and digits only, without #")


class ConceptAnswer(Answer):
    title: str = Field(min_length=1, max_length=80)
    idea: str = Field(min_length=1, description="the idea in two or three sentences")
    audience: str = Field(min_length=1, description="the segment it speaks to")
    message: Statement = Field(description="what stays in mind")
    claims: list[Statement] = Field(description="1-6: every fact about the brand that script, captions or posts use")
    image_prompt: str = Field(min_length=1, description="the key picture, naming the brand's colours as #rrggbb, without any lettering")
    script: str = Field(min_length=1, description="the voice-over, 35-60 words, plain sentences, to be spoken")
    scenes: list[Scene] = Field(description="3-5 scenes that follow the script")
    posts: list[PostDraft] = Field(description="exactly one for each of channels")


class ConceptsAnswer(Answer):
    concepts: list[ConceptAnswer] = Field(description="as many as count asks for, clearly different from each other")


class Concept(BaseModel):
    """A concept that is kept; position counts from 1."""

    position: int
    title: str
    idea: str
    audience: str
    message: Statement
    claims: list[Statement]
    image_prompt: str
    script: str
    scenes: list[Scene]
    posts: list[PostDraft]
    notes: list[str]

    def row(self) -> dict[str, Any]:
        """The columns of `concepts` that come from here."""
        return {"position": self.position, "title": self.title, "body": self.model_dump(mode="json")}
