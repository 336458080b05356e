"""A publisher's own address, fetched into a file."""

from __future__ import annotations

import time
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError

from core.errors import VendorUnavailable
from providers.contracts.weights import Tell
from providers.http import USER_AGENT, Exchange, cause_of, watch

_ANSWER_SECONDS = 10.0  # a machine without internet must come to the next source soon
_BODY_SECONDS = 1800.0
_CHUNK = 256 * 1024


def download(url: str, target: Path, size: int, tell: Tell) -> None:
    """The body of an address into `target`, redirects followed, at most `size` bytes and one chunk.

    Raises VendorUnavailable, and whatever `tell` raises; what was written until then stays.
    """
    exchange = Exchange(time.monotonic() + _ANSWER_SECONDS)
    host = url.split("/")[2]
    try:
        session = watch(requests.Session(), exchange)
        with session, session.get(url, headers={"User-Agent": USER_AGENT}, stream=True, timeout=_ANSWER_SECONDS) as response:
            if response.status_code != 200:
                raise VendorUnavailable(f"answered {response.status_code}", vendor=host)
            exchange.until = time.monotonic() + _BODY_SECONDS
            _save(response, target, size, tell)
    except (requests.RequestException, HTTPError, OSError) as error:
        raise VendorUnavailable(cause_of(error), vendor=host) from error


def _save(response: requests.Response, target: Path, size: int, tell: Tell) -> None:
    done = 0
    with target.open("wb") as file:
        while done <= size and (chunk := response.raw.read(_CHUNK, decode_content=True)):
            done += file.write(chunk)
            tell(min(done / size, 1.0), f"{target.name}: {done // 1_000_000} of {size // 1_000_000} MB")
