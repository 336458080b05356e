"""The vendor client: its deadline, its caps, and the difference between 'never left' and 'left'."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable

import pytest

from cli.ports import free_port
from core.errors import LeaseLost, OutcomeUnknown, VendorRejected, VendorUnavailable
from providers.http import MEGABYTE, VendorClient
from tests.providers.conftest import Behaviour, LocalServer, answering, dripping

Serve = Callable[[Behaviour], LocalServer]
pytestmark = pytest.mark.usefixtures("quick")


def resetting(connection: socket.socket, _request: bytes) -> None:
    """Take the request and reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(connection: socket.socket, _request: bytes) -> None:
    time.sleep(5)


def test_a_call_returns_the_answer(serve: Serve) -> None:
    """A JSON body goes out and the JSON answer comes back."""
    server = serve(answering(b'{"id": "1"}'))
    client = VendorClient("someone", server.url, headers={"X-Key": "secret-key"})
    assert client.document(client.call("POST", "/things", json={"a": 1})) == {"id": "1"}
    assert b"POST /things HTTP/1.1" in server.requests[0]
    assert b"X-Key: secret-key" in server.requests[0]
    assert server.requests[0].endswith(b'{"a": 1}')


def test_a_refused_connection_never_left() -> None:
    """Nobody listens: the work was not done."""
    with pytest.raises(VendorUnavailable, match="could not be reached"):
        VendorClient("someone", f"http://127.0.0.1:{free_port()}").call("POST", "/", json={})


def test_a_name_that_does_not_resolve_never_left() -> None:
    """No address: the work was not done."""
    with pytest.raises(VendorUnavailable, match="could not be reached"):
        VendorClient("someone", "http://nobody.invalid").call("POST", "/", json={})


def test_a_slow_name_server_keeps_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name look-up that hangs ends with the call's deadline and counts as never left."""

    def hanging(*_: object, **__: object) -> None:
        time.sleep(4)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    started = time.monotonic()
    with pytest.raises(VendorUnavailable, match="no complete answer within 1 s"):
        VendorClient("someone", "http://slow.example").call("POST", "/", json={})
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("behaviour", [resetting, silent])
def test_a_request_that_left_without_an_answer_is_unknown(serve: Serve, behaviour: Behaviour) -> None:
    """After a reset or silence nobody knows whether a POST was carried out."""
    with pytest.raises(OutcomeUnknown, match="the answer was lost"):
        VendorClient("someone", serve(behaviour).url).call("POST", "/", json={})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_lost_answer_to_a_repeatable_call_is_only_unavailable(serve: Serve, method: str) -> None:
    """Asking again does no harm, so nothing is in doubt."""
    with pytest.raises(VendorUnavailable, match="the answer was lost"):
        VendorClient("someone", serve(resetting).url).call(method, "/")


def test_a_repeatable_post_is_only_unavailable(serve: Serve) -> None:
    """The caller may say that a POST does no harm twice."""
    with pytest.raises(VendorUnavailable):
        VendorClient("someone", serve(resetting).url).call("POST", "/", json={}, repeatable=True)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
    ],
)
def test_a_slow_answer_keeps_the_total_deadline(serve: Serve, head: bytes) -> None:
    """Bytes that keep dripping do not lengthen the call."""
    started = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="no complete answer within 1 s"):
        VendorClient("someone", serve(dripping(head)).url).call("POST", "/", json={})
    assert time.monotonic() - started < 3


def test_a_cut_off_body_is_a_lost_answer(serve: Serve) -> None:
    """Fewer bytes than announced are no answer."""

    def cut(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id"')

    with pytest.raises(OutcomeUnknown):
        VendorClient("someone", serve(cut).url).call("POST", "/", json={})


def test_rubbish_with_status_200_is_a_lost_answer(serve: Serve) -> None:
    """The work may be done, but its result cannot be read."""
    client = VendorClient("someone", serve(answering(b"<p>Hello")).url)
    with pytest.raises(OutcomeUnknown, match="not a JSON object"):
        client.document(client.call("POST", "/", json={}))
    with pytest.raises(VendorUnavailable):
        client.document(client.call("GET", "/"))


def test_an_answer_over_the_cap_is_refused(serve: Serve) -> None:
    """A download stops at its cap."""
    client = VendorClient("someone", serve(answering(b"x" * (MEGABYTE + 1))).url)
    with pytest.raises(VendorRejected, match="more than 1 MB"):
        client.download(f"{client.base_url}/file", cap=MEGABYTE)


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    """The key never goes to a host that an answer names."""
    other = serve(answering())
    server = serve(answering(b"", status="302 Found", headers=f"Location: {other.url}/"))
    with pytest.raises(VendorRejected, match="redirect"):
        VendorClient("someone", server.url, headers={"X-Key": "secret-key"}).call("GET", "/")
    assert other.requests == []


def test_a_download_carries_no_key(serve: Serve) -> None:
    """Files are read without the vendor's key."""
    server = serve(answering(b"bytes"))
    client = VendorClient("someone", server.url, headers={"X-Key": "secret-key"})
    assert client.download(f"{server.url}/file.png").content == b"bytes"
    assert b"secret-key" not in server.requests[0]


def test_a_download_over_plain_http_from_elsewhere_is_refused(serve: Serve) -> None:
    """An answer cannot send us to another host without TLS."""
    other = serve(answering(b"bytes"))
    with pytest.raises(VendorRejected, match="not visited"):
        VendorClient("someone", "http://127.0.0.1:9").download(f"{other.url}/file.png")
    assert other.requests == []


def test_the_fence_is_called_once_before_anything_is_sent(serve: Serve) -> None:
    """At the fence the vendor is connected and has not one byte; afterwards it gets the whole request."""
    server = serve(answering(b'{"id": "1"}'))
    seen: list[int] = []

    def fence() -> None:
        time.sleep(0.2)
        seen.append(len(server.requests))

    VendorClient("someone", server.url).call("POST", "/", json={"text": "hello"}, fence=fence)
    assert seen == [0]
    assert server.requests[0].endswith(b'{"text": "hello"}')


def test_a_fence_that_raises_lets_nothing_out(serve: Serve) -> None:
    """A worker that lost its lease while it connected sends nothing."""
    server = serve(answering())

    def lost() -> None:
        raise LeaseLost("another worker holds the step")

    with pytest.raises(LeaseLost):
        VendorClient("someone", server.url).call("POST", "/", json={}, fence=lost)
    time.sleep(0.2)
    assert server.requests == []


def test_a_fence_that_took_long_is_asked_again(serve: Serve) -> None:
    """Frozen after it looked, a process would trust an answer that is no longer true."""
    server, pauses = serve(answering()), [0.6, 0.0]
    VendorClient("someone", server.url).call("POST", "/", json={}, fence=lambda: time.sleep(pauses.pop(0)))
    assert pauses == []
    assert len(server.requests) == 1


def test_a_process_frozen_past_the_deadline_lets_nothing_out(serve: Serve) -> None:
    """Time that passes before sending counts: a call resumed too late never leaves."""
    server = serve(answering())
    with pytest.raises(VendorUnavailable, match="could not be reached"):
        VendorClient("someone", server.url).call("POST", "/", json={}, fence=lambda: time.sleep(1.1))
    time.sleep(0.2)
    assert server.requests == []


def test_a_5xx_to_an_irreversible_call_is_unknown(serve: Serve) -> None:
    """A gateway may answer 503 after the work was done, so only a look at the vendor decides."""
    client = VendorClient("someone", serve(answering(b"", status="503 Service Unavailable")).url)
    with pytest.raises(OutcomeUnknown):
        client.call("POST", "/", json={}, fence=lambda: None)
    with pytest.raises(VendorUnavailable):
        client.call("POST", "/", json={})


def test_the_environment_does_not_bend_the_way(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxy variables are not read."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    assert VendorClient("someone", serve(answering()).url).call("GET", "/").status == 200
