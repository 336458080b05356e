"""The Procfile: which processes make the platform."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def read_procfile(path: Path = ROOT / "Procfile") -> dict[str, str]:
    """Shell command by process name, in the file's order."""
    lines = (line.strip() for line in path.read_text().splitlines())
    entries = (line.split(":", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, command in entries}
