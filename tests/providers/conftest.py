"""Small servers on loopback that behave exactly as badly as a test needs, and an S3 server that checks signatures."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from cli.ports import free_port

Behaviour = Callable[[socket.socket, bytes], None]
S3_KEY, S3_SECRET, S3_BUCKET = "drumbeat-test-key", "drumbeat-test-secret-1234", "drumbeat-test"


class LocalServer:
    """Answers each connection's one request by calling `behaviour(connection, request)`; keeps the requests it got."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.address}"
        self.requests: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            request = _whole_request(connection)
            if request:
                self.requests.append(request)
                try:
                    self._behaviour(connection, request)
                except OSError:
                    return  # the client went away, as many of these tests want

    def close(self) -> None:
        self._listener.close()


def _whole_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "Content-Type: application/json") -> Behaviour:
    """A behaviour that sends one whole answer."""

    def behave(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(f"HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    return behave


def dripping(head: bytes, *, piece: bytes = b"x", every: float = 0.05, times: int = 400) -> Behaviour:
    """A behaviour that sends `head`, then one small piece at a time."""

    def behave(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head)
        for _ in range(times):
            connection.sendall(piece)
            time.sleep(every)

    return behave


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], LocalServer]]:
    """`serve(behaviour)` -> a LocalServer, closed after the test."""
    servers: list[LocalServer] = []

    def start(behaviour: Behaviour) -> LocalServer:
        servers.append(LocalServer(behaviour))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def quick(configure: Callable[..., None]) -> None:
    """Vendor calls that last one second at most."""
    configure(VENDOR_TIMEOUT_SECONDS="1", VENDOR_SETTLE_SECONDS="2")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an S3 server with an empty bucket."""
    port, folder = free_port(), tmp_path_factory.mktemp("s3")
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port), "--data-dir", str(folder)]
    environment = {**os.environ, "NANIO_ACCESS_KEY": S3_KEY, "NANIO_SECRET_KEY": S3_SECRET}
    log = Path(folder).parent / "s3.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "--no-access-log"], env=environment, stdout=output, stderr=output)
        try:
            _wait_for(port, process, log)
            url = f"http://127.0.0.1:{port}"
            client = boto3.client(
                "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=S3_KEY, aws_secret_access_key=S3_SECRET
            )
            client.create_bucket(Bucket=S3_BUCKET)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture
def s3_settings(s3_server: str, configure: Callable[..., None]) -> None:
    """Settings that point at the S3 server's bucket."""
    configure(S3_ENDPOINT_URL=s3_server, S3_BUCKET_NAME=S3_BUCKET, AWS_ACCESS_KEY_ID=S3_KEY, AWS_SECRET_ACCESS_KEY=S3_SECRET, CDN_DOMAIN="")
