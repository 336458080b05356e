"""The language of a page."""

from __future__ import annotations

import re

LEAST_TEXT = 60  # characters that a guess needs
ENOUGH_TEXT = 3000
TAG = re.compile(r"^([a-z]{2})(?:[-_].*)?$", re.I)


def language_of(tag: str, text: str) -> str | None:
    """ISO 639-1 code: guessed from the text where there is enough of it, else the page's own `lang`, else None.

    The text decides because templates often leave `lang="en"` on pages in any language.
    """
    if len(text) >= LEAST_TEXT:
        from py3langid import classify  # its model takes a second to load: only when a page is read

        tag = str(classify(text[:ENOUGH_TEXT])[0])  # zxx, for what is no language, is no two-letter code
    declared = TAG.match(tag)
    return declared.group(1).lower() if declared else None
