"""From a vendor's answer that says no to our errors: which one, when to come back, and the vendor's own words."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from core.errors import (
    OutcomeUnknown,
    VendorError,
    VendorRejected,
    VendorThrottled,
    VendorUnauthorized,
    VendorUnavailable,
)
from core.logging import redact

MESSAGE_LENGTH = 300
_LONGEST_WAIT = 24 * 3600.0
_WORDS = ("message", "detail", "error_description", "error", "errors", "msg", "title")  # where vendors put their sentence, best first


@dataclass(frozen=True)
class Reply:
    """One answer. repeatable: asking again would do no harm. fenced: the call was irreversible. secrets: kept out of messages."""

    vendor: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    repeatable: bool = True
    fenced: bool = False
    secrets: tuple[str, ...] = ()

    def body(self) -> Any:
        """The JSON of a refusal, or {} where it has none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return {}


def refusal(reply: Reply, *, variables: str = "", status: int | None = None) -> VendorError:
    """The error for an answer of 300 and more; `status` overrides the line's own (errors inside a 200).

    A 5xx to an irreversible call leaves the outcome open: a gateway may say so after the work was done.
    """
    status = status or reply.status
    detail, wait = f"{status} {message(reply)}".strip(), wait_seconds(reply.headers)
    if status in (401, 403):
        return VendorUnauthorized(detail, vendor=reply.vendor, hint=f"Check {variables}." if variables else "")
    if status == 429:
        return VendorThrottled(detail, vendor=reply.vendor, retry_after=wait)
    if status >= 500 and reply.fenced:
        return OutcomeUnknown(detail, vendor=reply.vendor, retry_after=wait)
    if status >= 500 or status == 408:
        return VendorUnavailable(detail, vendor=reply.vendor, retry_after=wait)
    if status == 402:
        return VendorRejected(detail, vendor=reply.vendor, hint=f"Top up the account at {reply.vendor}, then replay the job.")
    if status < 400:
        return VendorRejected(f"{detail} (a redirect)", vendor=reply.vendor, hint="Check the vendor's base URL in the settings.")
    return VendorRejected(detail, vendor=reply.vendor)


def message(reply: Reply) -> str:
    """The vendor's sentence: found in its JSON, else the text of its page; without secrets, on one line, cut."""
    sentence = next(_sentences(reply.body()), "") or _visible(reply.content)
    for secret in reply.secrets:
        for part in {secret, secret.rpartition(" ")[2]} - {""}:
            sentence = sentence.replace(part, "[redacted]") if len(part) > 5 else sentence
    sentence = redact(" ".join(sentence.split()))
    return sentence if len(sentence) <= MESSAGE_LENGTH else sentence[: MESSAGE_LENGTH - 1] + "…"


def _sentences(found: Any) -> Iterator[str]:
    if isinstance(found, str) and found.strip():
        yield found
    elif isinstance(found, list):
        for entry in found:
            yield from _sentences(entry)
    elif isinstance(found, dict):
        for word in _WORDS:
            yield from _sentences(found.get(word))


def _visible(content: bytes) -> str:
    return re.sub(r"<[^>]*>", " ", content[:4000].decode("utf-8", "replace"))


def wait_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds until another try makes sense, measured on the vendor's clock where it tells its own."""
    now = _moment(headers.get("Date")) or time.time()
    relative = _number(headers.get("Retry-After-Ms"))
    if relative is not None:
        return _bounded(relative / 1000)
    after = headers.get("Retry-After")
    if (seconds := _number(after)) is not None:
        return _bounded(seconds)
    for told in (after, headers.get("X-RateLimit-Reset"), headers.get("X-Rate-Limit-Reset"), headers.get("X-Rate-Limit-Reset-At-UTC")):
        if (moment := _moment(told)) is not None:
            return _bounded(moment - now)
    return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _moment(text: str | None) -> float | None:
    """Epoch seconds from an HTTP date, an ISO time (UTC when it names no zone), epoch seconds or epoch milliseconds."""
    if not text:
        return None
    if (number := _number(text)) is not None:
        return number / 1000 if number > 1e11 else number
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
