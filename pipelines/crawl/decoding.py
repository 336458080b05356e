"""Bytes of a page as text."""

from __future__ import annotations

import codecs
import re

BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-zA-Z0-9_.:-]+)""")
# Browsers read these labels as windows-1252, and so were the pages written.
LATIN = frozenset({"iso8859-1", "ascii", "latin-1", "us-ascii"})
HEAD = 4096  # bytes in which a page declares its encoding


def decoded(content: bytes, charset: str | None = None) -> str:
    """The text by byte order mark, the server's charset, the page's own declaration, UTF-8, else windows-1252."""
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    declared = DECLARED.search(content[:HEAD])
    for label in (charset, declared.group(1).decode("ascii") if declared else None):
        if label and (known := codec(label)):
            return content.decode(known, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def codec(label: str) -> str | None:
    """Python's name of a text encoding, None for an unknown one."""
    try:
        found = codecs.lookup(label.strip())
    except LookupError:
        return None
    if not found._is_text_encoding:
        return None
    return "cp1252" if found.name in LATIN else found.name
