"""Both doors to the outside over TLS: certificates are checked against the name, and the guards hold there too."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import LeaseLost, SiteUnreadable, VendorUnavailable
from providers.fetch import fetch
from providers.http import VendorClient
from tests.providers.conftest import Behaviour, LocalServer, answering

pytestmark = pytest.mark.usefixtures("quick")


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for one DNS name or address, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


class TLSServer(LocalServer):
    """A LocalServer behind TLS."""

    def __init__(self, behaviour: Behaviour, pem: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        super().__init__(behaviour)
        self.port = int(self.address.rpartition(":")[2])

    def _serve(self, connection: socket.socket) -> None:
        try:
            super()._serve(self._context.wrap_socket(connection, server_side=True))
        except OSError:
            connection.close()


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., TLSServer]]:
    """`tls(name, trusted=True)` -> a server that shows a certificate for that name."""
    servers: list[TLSServer] = []

    def start(name: str, *, trusted: bool = True) -> TLSServer:
        pem = certificate(tmp_path, name)
        if trusted:
            monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(pem))
        servers.append(TLSServer(answering(b'{"id": "1"}'), pem))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_a_vendor_is_called_over_tls(tls: Callable[..., TLSServer]) -> None:
    """With the fence right before sending, after the handshake."""
    server = tls("127.0.0.1")
    client, seen = VendorClient("someone", f"https://127.0.0.1:{server.port}"), list[int]()
    reply = client.call("POST", "/", json={"a": 1}, fence=lambda: seen.append(len(server.requests)))
    assert client.document(reply) == {"id": "1"}
    assert seen == [0]
    assert server.requests[0].endswith(b'{"a": 1}')


def test_a_fence_that_raises_lets_nothing_out_over_tls(tls: Callable[..., TLSServer]) -> None:
    """As without TLS."""
    server = tls("127.0.0.1")

    def lost() -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        VendorClient("someone", f"https://127.0.0.1:{server.port}").call("POST", "/", json={}, fence=lost)
    assert server.requests == []


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("elsewhere.example", True)])
def test_a_wrong_certificate_ends_the_call_before_it_leaves(tls: Callable[..., TLSServer], name: str, trusted: bool) -> None:
    """Not trusted, or for another name: no byte of the request goes out."""
    server = tls(name, trusted=trusted)
    with pytest.raises(VendorUnavailable, match=r"(?i)certificate"):
        VendorClient("someone", f"https://127.0.0.1:{server.port}").call("POST", "/", json={})
    assert server.requests == []


def test_a_handshake_that_hangs_keeps_the_deadline() -> None:
    """A server that accepts and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = time.monotonic()
        with pytest.raises(VendorUnavailable, match="could not be reached"):
            VendorClient("someone", f"https://127.0.0.1:{listener.getsockname()[1]}").call("POST", "/", json={})
        assert time.monotonic() - started < 3


def test_the_fetch_checks_the_certificate_against_the_name(tls: Callable[..., TLSServer], configure: Callable[..., None]) -> None:
    """It connects to the checked address, and still asks for the name."""
    server = tls("localhost")
    configure(FETCH_ALLOW_HOSTS=f"localhost:{server.port},127.0.0.1:{server.port}")
    found = fetch(f"https://localhost:{server.port}/")
    assert found.content == b'{"id": "1"}'
    assert f"Host: localhost:{server.port}\r\n".encode() in server.requests[0]
    with pytest.raises(SiteUnreadable, match="match"):
        fetch(f"https://127.0.0.1:{server.port}/")
