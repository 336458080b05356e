"""The one place that opens connections to vendors.

Every call has one deadline on the wall clock (name look-up, connecting, TLS, sending, a slow body), a cap on the
answer's size, a connection of its own, no redirects and no retries: the engine retries. A call that ends without an
answer is told apart by whether its bytes had left: VendorUnavailable when not, OutcomeUnknown when they had.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from core.errors import DrumbeatError, OutcomeUnknown, VendorRejected, VendorUnavailable
from core.settings import get_settings
from core.version import VERSION
from providers.contracts.social import Fence
from providers.refusals import Reply, refusal

USER_AGENT = f"Drumbeat/{VERSION}"
MEGABYTE = 1024 * 1024
_FENCE_SECONDS = 0.5  # a fence must leave the caller its lease for longer than this
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})  # a lost answer costs nothing: ask again

Judge = Callable[[Reply], DrumbeatError | None]  # a vendor's own reading of a refusal; None: the common one


@dataclass
class Exchange:
    """One call on the wire: until when it may last (monotonic clock) and whether its bytes have left."""

    until: float
    fence: Fence | None = None
    left: bool = False
    held: bytearray = field(default_factory=bytearray)

    def remaining(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline of the call has passed")
        return seconds


def lookup(host: str, port: int | None, exchange: Exchange) -> list[Any]:
    """`getaddrinfo` within the deadline; it takes no timeout of its own, so it runs in a thread that may be left behind."""
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, "not a host name"))

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=exchange.remaining())
    except queue.Empty:
        raise TimeoutError(f"the name {host} was not resolved in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


class _TimedReader(io.RawIOBase):
    """A socket's bytes, each read bounded by what is left of the call's deadline."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, exchange: Exchange) -> None:
        self._raw, self._sock, self._exchange = raw, sock, exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._exchange.remaining())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """A response whose header and body lines together keep the call's deadline."""

    def __init__(self, sock: socket.socket, *args: Any, exchange: Exchange, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock, exchange))


class _Connection(HTTPConnection):
    """Connects within the deadline; notes when bytes leave; holds a fenced request back until it is complete."""

    def __init__(self, *args: Any, exchange: Exchange, **more: Any) -> None:
        super().__init__(*args, **more)
        self._exchange = exchange
        self.response_class = functools.partial(_TimedResponse, exchange=exchange)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        try:
            found = lookup(self._dns_host, self.port, self._exchange)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        fault: Exception = OSError("no address")
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(self._exchange.remaining())
                sock.connect(address)
                sock.settimeout(self._exchange.remaining())  # bounds a TLS handshake
            except OSError as error:
                sock.close()
                fault = error
            else:
                return sock
        raise NewConnectionError(self, f"cannot connect: {fault}") from fault

    def putheader(self, header: Any, *values: Any) -> None:
        if header in ("Host", "host") and self.port != self.default_port:  # the guard of user URLs drops the port
            name = values[0].decode() if isinstance(values[0], bytes) else str(values[0])
            values = (name if name.endswith(f":{self.port}") else f"{name}:{self.port}",)
        super().putheader(header, *values)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if self._exchange.fence is not None:
            self._exchange.held += data
            return
        self.sock.settimeout(self._exchange.remaining())
        self._exchange.left = True
        super().send(data)

    def getresponse(self) -> Any:
        if self._exchange.fence is not None:
            self._send_held(self._exchange.fence)
        return super().getresponse()

    def _send_held(self, fence: Fence) -> None:
        """Header and body in one write, right after the fence: a process frozen before it sends nothing afterwards.

        A fence that took long may have been frozen after it looked, so it looks again.
        """
        whole, sock = bytes(self._exchange.held), self.sock
        looked = -_FENCE_SECONDS
        while (now := time.monotonic()) - looked >= _FENCE_SECONDS:
            sock.settimeout(self._exchange.remaining())
            looked = now
            fence()
        self._exchange.left = True
        with contextlib.suppress(BrokenPipeError):  # refused before it was read: the answer is there all the same
            sock.sendall(whole)


class _TLSConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def watch(session: requests.Session, exchange: Exchange) -> requests.Session:
    """Let the session's connections keep the exchange's deadline and fence; the session then serves this one call.

    Proxies, netrc and CA variables of the environment are not read.
    """
    session.trust_env = False
    pools = {"http": functools.partial(_Pool, exchange=exchange), "https": functools.partial(_TLSPool, exchange=exchange)}
    for adapter in session.adapters.values():
        if isinstance(adapter, HTTPAdapter):
            adapter.poolmanager.pool_classes_by_scheme = pools
    return session


class AnswerTooLargeError(Exception):
    """More bytes came than the caller takes."""


def body_of(response: requests.Response, cap: int) -> bytes:
    """The decoded body. Raises AnswerTooLargeError past `cap` bytes, counted after decompression."""
    content = bytearray()
    for chunk in response.raw.stream(64 * 1024, decode_content=True):
        content += chunk
        if len(content) > cap:
            raise AnswerTooLargeError
    return bytes(content)


def cause_of(error: BaseException) -> str:
    """The innermost reason of a transport error, in a few words."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error) or type(error).__name__


class VendorClient:
    """Calls to one vendor under one base URL.

    headers: sent with every call to the vendor's own host, never elsewhere; taken out of messages.
    variables: the settings that hold the key, for the hint of a refused one.
    patience: how many VENDOR_TIMEOUT_SECONDS a call may last; above 1 only for vendors that generate while we wait.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        variables: str = "",
        patience: float = 1.0,
        judge: Judge | None = None,
    ) -> None:
        self.vendor, self.base_url, self.variables = vendor, base_url.rstrip("/"), variables
        self._headers, self._judge = dict(headers or {}), judge
        self._seconds = get_settings().vendor_timeout_seconds * patience

    def call(
        self,
        method: str,
        path: str,
        *,
        accept: tuple[int, ...] = (),
        repeatable: bool = False,
        fence: Fence | None = None,
        **request: Any,
    ) -> Reply:
        """One request below the base URL; request: `json`, `data`, `files`, `params`, `headers`, `auth` as requests takes them.

        Answers of 300 and more are raised, except the statuses in `accept`. repeatable: a POST whose answer may be lost without
        harm. fence: makes the call irreversible.
        """
        headers = {**self._headers, **request.pop("headers", {})}
        reply = self._exchange(method, f"{self.base_url}{path}", repeatable=repeatable, fence=fence, headers=headers, **request)
        if reply.status < 300 or reply.status in accept:
            return reply
        raise (self._judge(reply) if self._judge else None) or refusal(reply, variables=self.variables)

    def download(self, url: str, *, cap: int = 64 * MEGABYTE) -> Reply:
        """A file that the vendor's answer points to, without our key. HTTPS, except from the vendor's own host."""
        if urlsplit(url).scheme != "https" and urlsplit(url).netloc != urlsplit(self.base_url).netloc:
            raise VendorRejected(f"the answer points to an address that is not visited: {url[:200]}", vendor=self.vendor)
        reply = self._exchange("GET", url, cap=cap)
        if reply.status == 200:
            return reply
        raise refusal(reply, variables=self.variables)

    def document(self, reply: Reply) -> dict[str, Any]:
        """The JSON object of an answer. One that cannot be read counts as lost."""
        try:
            found = json.loads(reply.content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._lost(f"answered {reply.status} with something that is not a JSON object", repeatable=reply.repeatable)
        return found

    def _exchange(
        self, method: str, url: str, *, cap: int = 32 * MEGABYTE, repeatable: bool = False, fence: Fence | None = None, **request: Any
    ) -> Reply:
        exchange = Exchange(until=time.monotonic() + self._seconds, fence=fence)
        repeatable = fence is None and (repeatable or method in _REPEATABLE)
        headers = {"User-Agent": USER_AGENT, **request.pop("headers", {})}
        with watch(requests.Session(), exchange) as session:
            try:
                sent = session.request(method, url, headers=headers, stream=True, allow_redirects=False, timeout=self._seconds, **request)
                with sent as response:
                    content = body_of(response, cap)
            except AnswerTooLargeError:
                raise VendorRejected(f"answered with more than {cap // MEGABYTE} MB", vendor=self.vendor) from None
            except (requests.RequestException, HTTPError, OSError) as error:
                raise self._broken(exchange, error, repeatable=repeatable) from error
        secrets = tuple(value for name, value in headers.items() if name != "User-Agent")
        return Reply(self.vendor, response.status_code, response.headers, content, repeatable, fence is not None, secrets)

    def _broken(self, exchange: Exchange, error: BaseException, *, repeatable: bool) -> DrumbeatError:
        late = exchange.until <= time.monotonic()
        why = f"no complete answer within {self._seconds:g} s" if late else cause_of(error)
        if not exchange.left:
            return VendorUnavailable(f"could not be reached: {why}", vendor=self.vendor)
        return self._lost(f"the answer was lost: {why}", repeatable=repeatable)

    def _lost(self, detail: str, *, repeatable: bool) -> DrumbeatError:
        return (VendorUnavailable if repeatable else OutcomeUnknown)(detail, vendor=self.vendor)
