"""Serving stored bytes: ranges, ETag, and headers that keep a file from acting as a page of ours."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request

from providers.contracts.storage import Storage

SHOWN = ("image/", "audio/", "video/")  # what a browser may show in place; all else is offered for saving
LOCKED = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def serve(store: Storage, key: str, *, etag: str, media_type: str, name: str, download: bool = False) -> Response:
    """The blob, one range of it (206), nothing new (304), or a range past its end (416). Raises NotFound."""
    response = Response(mimetype=media_type)
    response.set_etag(etag)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    response.headers["Content-Security-Policy"] = LOCKED
    response.headers["Content-Disposition"] = disposition(name, download or not media_type.startswith(SHOWN))
    if etag in request.if_none_match:
        response.status_code = 304
        return response
    return _filled(response, store, key, etag)


def _filled(response: Response, store: Storage, key: str, etag: str) -> Response:
    size = store.size(key)
    start, stop = 0, size
    if request.range and _range_applies(etag):
        wanted = request.range.range_for_length(size)
        if wanted is None:
            response.status_code = 416
            response.headers["Content-Range"] = f"bytes */{size}"
            return response
        start, stop = wanted
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.headers["Content-Length"] = str(stop - start)
    response.response = store.open(key, start=start, length=stop - start)
    return response


def _range_applies(etag: str) -> bool:
    """One range is served as asked; several, or one of another version (If-Range), get the whole file."""
    one = request.range is not None and len(request.range.ranges) == 1 and request.range.units == "bytes"
    condition = request.if_range
    return one and (condition.etag == etag if condition.etag else condition.date is None)


def disposition(name: str, download: bool) -> str:
    """Content-Disposition with the name in plain ASCII and, whole, in UTF-8 (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\/%;' else "_" for c in name) or "file"
    return f"{'attachment' if download else 'inline'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
