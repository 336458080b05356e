"""Two listeners on loopback, one for the vendors and one for the brand's site, in one process with threads."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import create_site, create_state, create_vendors

HOST = "127.0.0.1"


class Handler(WSGIRequestHandler):
    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        self.close_connection = True  # else it would read the next request from a socket that is gone

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged; the ledger tells what happened."""


class Sandbox:
    """Bound when constructed (port 0: a free one), answering once `serve` runs."""

    def __init__(self, folder: Path, *, port: int = 0, site_port: int = 0, rate_limits: bool = True) -> None:
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        state = create_state(folder, rate_limits=rate_limits)
        _, vendors = create_vendors(state)
        self._vendors = _listen(port, vendors)
        self._site = _listen(site_port, create_site(state))
        self.base_url = state.base_url = f"http://{HOST}:{self._vendors.server_port}"
        self.site_url = f"http://{HOST}:{self._site.server_port}"

    def serve(self) -> None:
        """Answer until the process ends."""
        threading.Thread(target=self._site.serve_forever, daemon=True, name="site").start()
        self._vendors.serve_forever()


def _listen(port: int, application: Any) -> BaseWSGIServer:
    return make_server(HOST, port, application, threaded=True, request_handler=Handler)
