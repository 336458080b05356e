"""What the content policy and the repository's rules ask of templates, read from the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "api" / "pages"
TEMPLATES = sorted((PAGES / "templates").glob("*.html"))
STATIC = sorted(path for path in (PAGES / "static").iterdir() if path.suffix in (".js", ".css"))

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_inline(path: Path) -> None:
    """No template carries a script, a style or a handler of its own: the policy would stop it."""
    assert not INLINE.findall(path.read_text())


@pytest.mark.parametrize("path", [*TEMPLATES, *STATIC], ids=lambda path: path.name)
def test_nothing_from_elsewhere(path: Path) -> None:
    """No file loads anything from another host."""
    assert not re.findall(r"(?:src|href)=[\"']https?:|url\(|@import|from [\"']https?:", path.read_text())
