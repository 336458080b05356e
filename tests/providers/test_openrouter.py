"""The client of OpenRouter against the played one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from core.errors import DrumbeatError, OutcomeUnknown, VendorRejected, VendorThrottled, VendorUnauthorized, VendorUnavailable
from providers import registry
from providers.contracts.text import TextModel, TextRequest
from tests.providers.conftest import Behaviour, LocalServer, answering
from tests.stack import SandboxProcess

SCHEMA = {
    "type": "object",
    "properties": {"tagline": {"type": "string"}},
    "required": ["tagline"],
    "additionalProperties": False,
}
REQUEST = TextRequest(purpose="brief", messages=({"role": "user", "content": "A tagline for a maker of lamps."},), schema=SCHEMA)


@pytest.fixture
def model(sandbox: SandboxProcess) -> TextModel:
    return registry.text_model()


def test_an_answer_fits_its_schema_and_has_its_price(model: TextModel, sandbox: SandboxProcess) -> None:
    """JSON as asked, the model that served, the id, and what it cost."""
    answer = model.complete(REQUEST)
    assert set(json.loads(answer.text)) == {"tagline"}
    [effect] = sandbox.ledger(vendor="openrouter")
    assert (effect["key"], effect["body"]["cost"], effect["body"]["purpose"]) == (answer.vendor_id, float(answer.cost), "brief")
    assert answer.model == "anthropic/claude-sonnet-4.5"
    assert model.simulated


def test_the_estimate_is_not_below_the_cost(model: TextModel) -> None:
    """The budget check before the call must not be too kind."""
    assert model.complete(REQUEST).cost <= model.estimate(REQUEST)


def test_prose_comes_without_a_schema(model: TextModel) -> None:
    """No schema, no JSON."""
    answer = model.complete(TextRequest(purpose="brief", messages=({"role": "user", "content": "Tell me of lamps."},)))
    assert answer.text
    assert not answer.text.startswith("{")


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("throttle", VendorThrottled),
        ("error", VendorUnavailable),
        ("unauthorized", VendorUnauthorized),
        ("lose_answer", OutcomeUnknown),
        ("drop", OutcomeUnknown),
        ("error_in_answer", VendorUnavailable),
    ],
)
def test_every_failure_has_its_error(model: TextModel, sandbox: SandboxProcess, mode: str, error: type[DrumbeatError]) -> None:
    """Also the error inside a 200."""
    sandbox.fault(vendor="openrouter", mode=mode, times=1)
    with pytest.raises(error):
        model.complete(REQUEST)


def test_rubbish_is_handed_on(model: TextModel, sandbox: SandboxProcess) -> None:
    """Whether an answer fits is the pipeline's to judge."""
    sandbox.fault(vendor="openrouter", mode="garbage", times=1)
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(model.complete(REQUEST).text)


def test_a_wrong_key_names_its_variable(sandbox: SandboxProcess, configure: Callable[..., None]) -> None:
    """And does not show the key."""
    configure(OPENROUTER_API_KEY="sk-or-v1-wrong-wrong-wrong")
    with pytest.raises(VendorUnauthorized) as refused:
        registry.text_model().complete(REQUEST)
    assert "OPENROUTER_API_KEY" in refused.value.hint
    assert "wrong-wrong" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        ("403 Forbidden", {"code": 403, "message": "flagged", "metadata": {"reasons": ["violence"]}}, VendorRejected),
        ("404 Not Found", {"code": 404, "message": "gone", "availability": {"retryable": True, "retry_after": 9}}, VendorUnavailable),
        ("402 Payment Required", {"code": 402, "message": "Insufficient credits"}, VendorRejected),
        ("200 OK", {"code": 429, "message": "slow down"}, VendorThrottled),
        ("200 OK", {"code": 400, "message": "context too long"}, VendorRejected),
    ],
)
def test_refusals_that_need_reading(
    serve: Callable[[Behaviour], LocalServer],
    configure: Callable[..., None],
    status: str,
    error: dict[str, object],
    expected: type[DrumbeatError],
) -> None:
    """Moderation is not the key; `retryable` beats the status; an error may hide in a 200."""
    server = serve(answering(json.dumps({"error": error}).encode(), status=status))
    configure(OPENROUTER_API_KEY="key", OPENROUTER_BASE_URL=server.url)
    with pytest.raises(expected) as refused:
        registry.text_model().complete(REQUEST)
    assert type(refused.value) is expected
