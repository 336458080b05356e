"""What the first lines of a CSV say, whoever wrote it: a spreadsheet's own word about the separator, and the separator."""

from __future__ import annotations

import re

_SEPARATOR_LINE = re.compile(r"\s*sep=.\r?\n?")


def is_separator_line(line: str) -> bool:
    """Whether it is no header but `sep=;`, by which a spreadsheet tells its own kind how to read the file."""
    return _SEPARATOR_LINE.fullmatch(line) is not None


def delimiter_of(header: str) -> str:
    """Comma, semicolon or tab: whichever the header has most of."""
    return max(",;\t", key=header.count)
