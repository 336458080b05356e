"""A structured answer from a language model: asked for, checked, repaired once, or refused with what was wrong."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import GeneratedInvalid
from providers.contracts.text import TextAnswer, TextRequest

T = TypeVar("T", bound=BaseModel)
Faults = list[str]
FENCED = re.compile(r"```[a-zA-Z]*\s*\n(.*?)\n?\s*```", re.DOTALL)
MOST_TOLD = 12  # faults sent back or shown; more help nobody


def no_faults(_answer: Any) -> Faults:
    return []


def unchanged(answer: T) -> T:
    return answer


def ask(
    complete: Callable[[TextRequest], TextAnswer],
    request: TextRequest,
    answer: type[T],
    check: Callable[[T], Faults] = no_faults,
    mend: Callable[[T], T] = unchanged,
) -> T:
    """The answer as a model that passes `check`.

    complete: one billed call; called once, or twice when the first answer has faults.
    check: what is wrong beyond the schema, one sentence a fault, starting with a JSON pointer.
    mend: applied to the second answer before its check, to drop what may be dropped.
    Raises GeneratedInvalid when the second answer has faults too, and whatever `complete` raises.
    """

    def send(first: str, faults: Faults) -> str:
        return complete(repair_of(request, first, faults) if faults else request).text

    return obtain(send, request.purpose, answer, check, mend)


def obtain(
    send: Callable[[str, Faults], str], purpose: str, answer: type[T], check: Callable[[T], Faults], mend: Callable[[T], T] = unchanged
) -> T:
    """Like `ask` for any vendor. send: gets the refused first answer and its faults, both empty at the first call; returns text."""
    first = send("", [])
    parsed, faults = read(first, answer, check, unchanged)
    if faults:
        parsed, faults = read(send(first, faults), answer, check, mend)
    if parsed is None or faults:
        raise refusal(purpose, faults)
    return parsed


def read(text: str, answer: type[T], check: Callable[[T], Faults], mend: Callable[[T], T]) -> tuple[T | None, Faults]:
    """The parsed answer and what is wrong with it; None when it does not even fit the schema."""
    try:
        parsed = mend(answer.model_validate(json_object(text)))
    except ValidationError as error:
        return None, [f"/{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False, include_input=False)]
    except ValueError as error:
        return None, [f"/: the answer is not a JSON object ({error})"]
    return parsed, check(parsed)


def json_object(text: str) -> dict[str, Any]:
    """The one JSON object in the text, bare, in a code fence, or between other words. Raises ValueError."""
    fenced = FENCED.search(text)
    for candidate in (text, fenced.group(1) if fenced else "", text[text.find("{") : text.rfind("}") + 1]):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    raise ValueError("nothing was answered" if not text.strip() else f"it starts with {text.strip()[:40]!r}")


def repair_of(request: TextRequest, first: str, faults: Faults) -> TextRequest:
    """The same request with the refused answer and its faults added."""
    turn = ({"role": "assistant", "content": first or "(nothing)"}, {"role": "user", "content": repair_text(faults)})
    return dataclasses.replace(request, messages=request.messages + turn)


def repair_text(faults: Faults) -> str:
    told = "\n".join(f"- {fault}" for fault in faults[:MOST_TOLD])
    return f"Your answer has these faults:\n{told}\nCorrect them and answer again with the complete JSON object, and nothing else."


def refusal(purpose: str, faults: Faults) -> GeneratedInvalid:
    shown = faults[:MOST_TOLD]
    errors = [{"pointer": pointer, "detail": detail} for pointer, _, detail in (fault.partition(": ") for fault in shown)]
    return GeneratedInvalid(
        f"the model's answer for {purpose!r} has {len(faults)} fault(s) even after a repair: {'; '.join(shown)[:600]}",
        hint="Run the step again, or choose a stronger model.",
        errors=errors,
    )
