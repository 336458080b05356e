"""Structured answers: checked, repaired once, refused."""

from __future__ import annotations

import json

import pytest
from pydantic import Field

from core.errors import GeneratedInvalid
from pipelines.evidence.statements import Answer
from pipelines.writing.context import request_for
from pipelines.writing.structured import ask, json_object
from tests.pipelines.conftest import Script


class Greeting(Answer):
    words: str = Field(min_length=3)
    tags: list[str]


REQUEST = request_for("greeting", instructions="Greet.", task="Write a greeting.", context={"name": "Ada"}, answer=Greeting)
GOOD = {"words": "Good morning", "tags": ["warm"]}


def no_noon(answer: Greeting) -> list[str]:
    return ["/words: it is not noon"] if "noon" in answer.words else []


def test_first_answer_fits() -> None:
    """A good answer costs one call."""
    script = Script(GOOD)
    assert ask(script, REQUEST, Greeting).words == "Good morning"
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD),
        f"```json\n{json.dumps(GOOD, indent=1)}\n```",
        f"```\n{json.dumps(GOOD)}```",
        f"Here you are:\n{json.dumps(GOOD)}\nAnything else?",
        json.dumps({**GOOD, "words": "Use ``` for code, {really}"}),
    ],
)
def test_wrappings_are_tolerated(text: str) -> None:
    """Code fences and words around the object do not matter."""
    assert json_object(text)["tags"] == ["warm"]


@pytest.mark.parametrize("text", ["", "I cannot do that.", "[1, 2]", '{"words": "cut of', "null"])
def test_what_is_no_object(text: str) -> None:
    """Anything but one JSON object is refused."""
    with pytest.raises(ValueError, match=r"nothing was answered|it starts with"):
        json_object(text)


def test_schema_fault_is_sent_back_once() -> None:
    """The second request holds the first answer and its faults, and its answer counts."""
    script = Script({"words": "Hi", "tags": "warm"}, GOOD)
    assert ask(script, REQUEST, Greeting).tags == ["warm"]
    first, answer, faults = script.requests[1].messages[1:]
    assert first == REQUEST.messages[1]
    assert answer == {"role": "assistant", "content": '{"words": "Hi", "tags": "warm"}'}
    assert "/words: " in faults["content"] and "/tags: " in faults["content"]


def test_own_check_is_sent_back() -> None:
    """What the schema cannot tell is told by the check."""
    script = Script({**GOOD, "words": "Good afternoon"}, GOOD)
    assert ask(script, REQUEST, Greeting, no_noon).words == "Good morning"
    assert "it is not noon" in script.requests[1].messages[-1]["content"]


def test_rubbish_twice_is_refused() -> None:
    """After one repair the job fails with every fault and a hint, and no third call is made."""
    script = Script("lorem ipsum", '{"words": "Hi"}')
    with pytest.raises(GeneratedInvalid) as caught:
        ask(script, REQUEST, Greeting)
    assert "'greeting'" in caught.value.detail and caught.value.hint
    assert {error["pointer"] for error in caught.value.errors} == {"/words", "/tags"}
    assert len(script.requests) == 2


def test_only_the_second_answer_is_mended() -> None:
    """The model gets a chance to do better before anything is dropped."""

    def mend(answer: Greeting) -> Greeting:
        return answer.model_copy(update={"words": answer.words.replace("noon", "day")})

    script = Script({**GOOD, "words": "Good afternoon"}, {**GOOD, "words": "Good forenoon"})
    assert ask(script, REQUEST, Greeting, no_noon, mend).words == "Good foreday"


def test_unicode_survives() -> None:
    """Words of any script come through as they are."""
    assert (
        ask(Script({"words": "\u3053\u3093\u306b\u3061\u306f \U0001f30a", "tags": []}), REQUEST, Greeting).words
        == "\u3053\u3093\u306b\u3061\u306f \U0001f30a"
    )
