"""Logs show no secrets."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from core.logging import configure_logging, logger, redact


@pytest.mark.parametrize("secret", ["Bearer abcdef123456", "sk-or-v1-abcdef0123", "fc-abcdef0123", "SG_abcdef0123"])
def test_tokens_are_taken_out_of_texts(secret: str) -> None:
    """Bearer tokens and vendors' keys are replaced wherever they stand."""
    assert secret.rpartition(" ")[2] not in redact(f"it said {secret}, no")


def test_a_line_is_json_with_its_process_and_without_secrets(configure: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """Keys that are named like secrets, and values that look like some, are redacted."""
    configure(LOG_FORMAT="json")
    configure_logging("test")
    logger("core").info("thing.happened", password="hush", note="Bearer abcdef123456", count=3)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["process"], line["room"], line["count"]) == ("thing.happened", "test", "core", 3)
    assert (line["password"], line["note"]) == ("[redacted]", "[redacted]")
