"""One thing that a check looked at, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """`fault`: something will not work; `warning`: it works, with less; `fix` is empty only for `ok`."""

    name: str
    state: Literal["ok", "warning", "fault"]
    detail: str
    fix: str = ""


def ok(name: str, detail: str) -> Finding:
    return Finding(name, "ok", detail)


def warning(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, "warning", detail, fix)


def fault(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, "fault", detail, fix)
