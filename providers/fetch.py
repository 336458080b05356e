"""The one guarded fetch, for every URL that a user or a web page names.

Only http and https; no private, loopback, link-local, metadata or otherwise special address, whatever the name resolves
to, at every hop; the address that was checked is the one connected to. Each fetch has a deadline and a cap of bytes.
FETCH_ALLOW_HOSTS lets single `host:port` pairs in, for demos and tests.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions
from urllib3.exceptions import HTTPError

from core.errors import AddressRefused, SiteUnreadable
from core.settings import get_settings
from core.version import VERSION
from providers.http import MEGABYTE, Exchange, cause_of, lookup, watch

AGENT = f"DrumbeatBot/{VERSION}"  # the name that robots.txt is read for
MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Fetched:
    """What came back. url: after redirects. media_type: without parameters, lower case. content: empty after `download`."""

    url: str
    status: int
    media_type: str
    charset: str | None
    headers: dict[str, str]  # names in lower case
    content: bytes = b""


def fetch(url: str, *, limit: int = 5 * MEGABYTE, seconds: float = 20.0, types: tuple[str, ...] = ()) -> Fetched:
    """GET a URL into memory, whatever its status.

    limit: most bytes taken, after decompression. seconds: for all hops and the body. types: prefixes of accepted media types
    of a 2xx answer, looked at before the body is read. Raises AddressRefused or SiteUnreadable. May run twice.
    """
    content = bytearray()
    with _opened(url, seconds, types) as (found, chunks):
        for chunk in _capped(chunks, found.url, limit):
            content += chunk
    return Fetched(found.url, found.status, found.media_type, found.charset, found.headers, bytes(content))


def download(url: str, path: Path, *, limit: int, seconds: float, types: tuple[str, ...] = ()) -> Fetched:
    """GET a URL into a file, as `fetch`; an answer that is not 2xx is SiteUnreadable. What was written stays on failure."""
    with _opened(url, seconds, types) as (found, chunks):
        if not 200 <= found.status < 300:
            raise SiteUnreadable(f"{found.url} answers {found.status}")
        with path.open("wb") as file:
            for chunk in _capped(chunks, found.url, limit):
                file.write(chunk)
    return found


@contextmanager
def _opened(url: str, seconds: float, types: tuple[str, ...]) -> Iterator[tuple[Fetched, Iterator[bytes]]]:
    """The last hop's header, and its body as chunks."""
    until = time.monotonic() + seconds
    for _ in range(MAX_REDIRECTS + 1):
        parts = _checked(url)
        with _session(parts, Exchange(until)) as session:
            with _told(url, until):
                response = _asked(session, url, parts, until)
            with response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    url = urljoin(url, response.headers["location"])
                    continue
                found = _head(url, response)
                _must_be(found, types)
                yield found, _chunks(response, url, until)
                return
    raise SiteUnreadable(f"{url[:200]} redirects more than {MAX_REDIRECTS} times")


@contextmanager
def _told(url: str, until: float) -> Iterator[None]:
    """The guard's and the transport's errors as ours."""
    try:
        yield
    except AntiSSRFError:
        raise AddressRefused(f"{url[:200]} leads to a private or special address", hint="Give a URL on the public internet.") from None
    except (requests.RequestException, HTTPError, OSError) as error:
        late = time.monotonic() >= until
        why = "did not answer completely in time" if late else f"could not be read: {cause_of(error)}"
        raise SiteUnreadable(f"{url[:200]} {why}") from error


def _chunks(response: requests.Response, url: str, until: float) -> Iterator[bytes]:
    body = response.raw.stream(64 * 1024, decode_content=True)
    while True:
        with _told(url, until):
            chunk = next(body, None)
        if chunk is None:
            return
        yield chunk


def _checked(url: str) -> SplitResult:
    """The URL's parts, once its form is acceptable; its addresses are checked when it is opened."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise AddressRefused(f"{url[:200]} is not a URL: {error}") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused(f"{url[:200]} is not an http or https URL", hint="Give a URL such as https://example.com/.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(f"a URL with a user name or password is not visited (host {parts.hostname})", hint="Leave out user:password@.")
    if not parts.hostname or "\\" in url or any(ord(c) <= 32 for c in url):
        raise AddressRefused(f"{url[:200]} is not a complete URL", hint="Give a URL such as https://example.com/.")
    return parts


def _session(parts: SplitResult, exchange: Exchange) -> requests.Session:
    """A session for one hop: open for the allowed `host:port` pairs, guarded for all others."""
    address = f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"
    allowed = {h.strip().lower() for h in get_settings().fetch_allow_hosts.split(",")}
    policy = AntiSSRFPolicy(PolicyConfigOptions.NONE if address in allowed else PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
    policy.allow_plain_text_http = True
    policy.add_xff_header = False
    session: requests.Session = policy.get_antissrf_session()
    return watch(session, exchange)


def _asked(session: requests.Session, url: str, parts: SplitResult, until: float) -> requests.Response:
    exchange = Exchange(until)
    try:
        lookup(parts.hostname or "", None, exchange)  # bounded, and its failure told apart; the guard resolves again itself
    except socket.gaierror:
        raise SiteUnreadable(f"{parts.hostname} does not resolve", hint="Check the spelling of the domain.") from None
    headers = {"User-Agent": AGENT, "Accept": "*/*"}
    return session.get(url, headers=headers, stream=True, allow_redirects=False, timeout=exchange.remaining())


def _head(url: str, response: requests.Response) -> Fetched:
    headers = {name.lower(): value for name, value in response.headers.items()}
    media_type, _, rest = headers.get("content-type", "").partition(";")
    charset = rest.partition("charset=")[2].split(";")[0].strip(" \"'").lower() or None
    return Fetched(url, response.status_code, media_type.strip().lower(), charset, headers)


def _must_be(found: Fetched, types: tuple[str, ...]) -> None:
    if types and 200 <= found.status < 300 and not found.media_type.startswith(types):
        raise SiteUnreadable(f"{found.url[:200]} is {found.media_type or 'of no stated type'}, not {' or '.join(types)}")


def _capped(chunks: Iterator[bytes], url: str, limit: int) -> Iterator[bytes]:
    taken = 0
    for chunk in chunks:
        taken += len(chunk)
        if taken > limit:
            raise SiteUnreadable(f"{url[:200]} is larger than {limit / MEGABYTE:g} MB")
        yield chunk
