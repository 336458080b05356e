"""Links to files of the folder store: they read one file without a login until they expire."""

from __future__ import annotations

import time
from urllib.parse import quote, urlencode

from core.crypto import is_signed, sign
from core.errors import Forbidden

_PURPOSE = "file-link"


def link(public_url: str, key: str, *, seconds: int, media_type: str, filename: str) -> str:
    """`{public_url}/files/{key}?expires=…&signature=…`, with `type` and `name` when they are given."""
    query = {"expires": str(int(time.time()) + seconds)}
    query |= {name: value for name, value in (("type", media_type), ("name", filename)) if value}
    query["signature"] = sign(_message(key, query), _PURPOSE)
    return f"{public_url.rstrip('/')}/files/{quote(key)}?{urlencode(query)}"


def check(key: str, query: dict[str, str]) -> None:
    """Raises Forbidden unless the query of a request for /files/{key} was made by `link` and has not expired."""
    if not is_signed(_message(key, query), _PURPOSE, query.get("signature", "")):
        raise Forbidden("this link to a file is not valid", hint="Open the asset's page for a new link.")
    if int(query["expires"]) < time.time():
        raise Forbidden("this link to a file has expired", hint="Open the asset's page for a new link.")


def _message(key: str, query: dict[str, str]) -> str:
    return "\n".join((key, *(query.get(name, "") for name in ("expires", "type", "name"))))
