"""The guarded fetch: what it lets in, and everything it refuses."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import AddressRefused, SiteUnreadable
from providers.fetch import download, fetch
from providers.http import MEGABYTE
from tests.providers.conftest import Behaviour, LocalServer, answering, dripping

Serve = Callable[[Behaviour], LocalServer]
Configure = Callable[..., None]
HTML = "Content-Type: text/html; charset=ISO-8859-1"


@pytest.fixture
def allowed(serve: Serve, configure: Configure) -> Callable[[Behaviour], LocalServer]:
    """A server that FETCH_ALLOW_HOSTS lets in."""

    def start(behaviour: Behaviour) -> LocalServer:
        server = serve(behaviour)
        configure(FETCH_ALLOW_HOSTS=f"other.example:1, {server.address}")
        return server

    return start


def redirecting(location: str) -> Behaviour:
    return answering(b"", status="302 Found", headers=f"Location: {location}")


def test_an_allowed_host_is_read(allowed: Serve) -> None:
    """Body, type, charset and status come back, and the server sees the host with its port."""
    server = allowed(answering(b"<p>Hi", headers=HTML))
    found = fetch(f"{server.url}/page?q=1")
    assert (found.status, found.media_type, found.charset, found.content) == (200, "text/html", "iso-8859-1", b"<p>Hi")
    assert f"Host: {server.address}\r\n".encode() in server.requests[0]
    assert b"User-Agent: Drumbeat" in server.requests[0]
    assert b"X-Forwarded-For" not in server.requests[0]


def test_a_404_is_an_answer(allowed: Serve) -> None:
    """The caller decides what a missing robots.txt means."""
    assert fetch(allowed(answering(status="404 Not Found")).url).status == 404


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::]",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]",
        "224.0.0.1",
    ],
)
def test_private_and_special_addresses_are_refused(host: str) -> None:
    """However the address is written."""
    with pytest.raises(AddressRefused, match="private or special"):
        fetch(f"http://{host}:8080/", seconds=3)


def test_an_allowed_host_is_allowed_on_its_port_only(allowed: Serve, serve: Serve) -> None:
    """The setting names host and port; the neighbour's port stays closed."""
    other = serve(answering())
    allowed(answering())
    with pytest.raises(AddressRefused):
        fetch(other.url)
    assert other.requests == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "javascript:alert(1)", "example.com", ""]
)
def test_other_schemes_are_refused(url: str) -> None:
    """Only http and https."""
    with pytest.raises(AddressRefused, match="not an http or https URL"):
        fetch(url)


@pytest.mark.parametrize("url", ["http://user:secret@example.com/", "http://user@example.com/", "http://@example.com/"])
def test_credentials_in_a_url_are_refused(url: str) -> None:
    """And the password is not repeated in the message."""
    with pytest.raises(AddressRefused, match="user name or password") as refused:
        fetch(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["http://", "http:///path", "http://exa mple.com/", "http://example.com\\@127.0.0.1/", "http://example.com:99999/", "http://[::1/"],
)
def test_broken_urls_are_refused(url: str) -> None:
    """No parser gets to choose which host was meant."""
    with pytest.raises(AddressRefused):
        fetch(url)


def test_a_domain_that_does_not_resolve_is_named() -> None:
    """The message says what is wrong."""
    with pytest.raises(SiteUnreadable, match=r"nobody\.invalid does not resolve"):
        fetch("https://nobody.invalid/")


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://localhost/", "file:///etc/passwd", "http://u:p@example.com/"]
)
def test_a_redirect_is_checked_like_the_first_address(allowed: Serve, target: str) -> None:
    """A public page cannot lead inside."""
    with pytest.raises(AddressRefused):
        fetch(allowed(redirecting(target)).url)


def test_redirects_are_followed_relative_and_bounded(allowed: Serve) -> None:
    """Some redirects are normal, a circle is not."""

    def once(connection: socket.socket, request: bytes) -> None:
        (redirecting("/there") if b"GET /here" in request else answering(b"done"))(connection, request)

    server = allowed(once)
    found = fetch(f"{server.url}/here")
    assert (found.url, found.content) == (f"{server.url}/there", b"done")

    circle = allowed(redirecting("/again"))
    with pytest.raises(SiteUnreadable, match="redirects more than 5 times"):
        fetch(circle.url)
    assert len(circle.requests) == 6


def test_a_name_that_changes_its_address_is_refused(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public at the first look, loopback at the next; the local server is never reached."""
    server = serve(answering(b"secret"))
    port = int(server.address.rpartition(":")[2])
    real, answers = socket.getaddrinfo, ["198.41.0.4", "127.0.0.1"]

    def hostile(host: str, *args: Any, **more: Any) -> Any:
        return real(answers.pop(0) if answers else "127.0.0.1", *args, **more) if host == "rebind.example" else real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", hostile)
    with pytest.raises(AddressRefused):
        fetch(f"http://rebind.example:{port}/")
    assert server.requests == []


def test_the_checked_address_is_the_one_connected_to(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that turns to loopback only after the check leads nowhere: it is not asked for a third time."""
    server = serve(answering(b"secret"))
    port = int(server.address.rpartition(":")[2])
    real, answers = socket.getaddrinfo, ["198.41.0.4", "198.41.0.4"]

    def hostile(host: str, *args: Any, **more: Any) -> Any:
        return real(answers.pop(0) if answers else "127.0.0.1", *args, **more) if host == "rebind.example" else real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", hostile)
    with pytest.raises(SiteUnreadable):
        fetch(f"http://rebind.example:{port}/", seconds=1)
    assert server.requests == []


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """All addresses of a name must be public."""
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in ("198.41.0.4", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)
    with pytest.raises(AddressRefused):
        fetch("http://mixed.example/")


def test_a_body_over_the_limit_is_refused(allowed: Serve) -> None:
    """A page of 200 MB costs no more than the limit."""
    endless = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n", piece=b"x" * MEGABYTE, every=0)
    with pytest.raises(SiteUnreadable, match="larger than 5 MB"):
        fetch(allowed(endless).url)


def test_a_compressed_bomb_is_measured_unpacked(allowed: Serve) -> None:
    """The limit counts what comes out."""
    bomb = gzip.compress(bytes(20 * MEGABYTE))
    assert len(bomb) < MEGABYTE
    with pytest.raises(SiteUnreadable, match="larger than 1 MB"):
        fetch(allowed(answering(bomb, headers="Content-Encoding: gzip")).url, limit=MEGABYTE)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_slow_site_keeps_the_deadline(allowed: Serve, head: bytes) -> None:
    """Header or body, dripping does not hold a worker."""
    started = time.monotonic()
    with pytest.raises(SiteUnreadable, match="did not answer completely in time"):
        fetch(allowed(dripping(head)).url, seconds=0.7)
    assert time.monotonic() - started < 3


def test_the_type_is_looked_at_before_the_body(allowed: Serve) -> None:
    """A video is not read where a page was asked for."""
    film = dripping(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 4000\r\n\r\n")
    with pytest.raises(SiteUnreadable, match="is video/mp4, not text/html"):
        fetch(allowed(film).url, types=("text/html",))


def test_a_download_goes_to_a_file(allowed: Serve, tmp_path: Path) -> None:
    """Large files are streamed to the disk, within the same limits."""
    server = allowed(answering(b"x" * 300_000, headers="Content-Type: image/png"))
    found = download(f"{server.url}/a.png", tmp_path / "a.png", limit=MEGABYTE, seconds=5)
    assert (found.media_type, (tmp_path / "a.png").stat().st_size) == ("image/png", 300_000)
    with pytest.raises(SiteUnreadable, match="larger than"):
        download(f"{server.url}/a.png", tmp_path / "b.png", limit=1000, seconds=5)


def test_a_download_of_an_error_page_is_refused(allowed: Serve, tmp_path: Path) -> None:
    """A 404 page is not the file."""
    with pytest.raises(SiteUnreadable, match="answers 404"):
        download(allowed(answering(status="404 Not Found")).url, tmp_path / "a.png", limit=1000, seconds=5)
