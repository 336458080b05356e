"""Structured logs: one line an event, keys instead of sentences, secrets taken out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from core.settings import get_settings

_SECRET_NAME = re.compile(r"(password|secret|token|authorization|api_?key|cookie|credential)", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"(?i)\b(bearer\s+|sk-|fc-|SG_)[A-Za-z0-9._~+/=-]{6,}")


def redact(text: str) -> str:
    """Text without bearer tokens and vendor keys; for vendors' messages before they are kept."""
    return _SECRET_TEXT.sub("[redacted]", text)


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = "[redacted]" if _SECRET_NAME.search(key) else redact(value)
    return event


def configure_logging(process: str) -> None:
    """Log to stderr in LOG_FORMAT at LOG_LEVEL, every line with the process's name. May run twice."""
    settings = get_settings()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    last = structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the one of the moment: it may have been replaced
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last], foreign_pre_chain=shared
        )
    )
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)


def logger(room: str) -> Any:
    """A logger bound to the room that speaks."""
    return structlog.get_logger().bind(room=room)
