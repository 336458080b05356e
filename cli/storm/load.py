"""Submits the planned jobs over HTTP, each until the API has accepted it, however often the API dies meanwhile."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Sequence

import requests

from cli.storm.plan import Work
from core.errors import Unavailable

SENDERS = 4
PAUSE_SECONDS = 0.3


class Load:
    """accepted: job id by the work's key. The same Idempotency-Key goes with every try, so one work makes one job."""

    def __init__(self, api_url: str, works: Sequence[Work]) -> None:
        self.accepted: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self._api_url = api_url
        self._works = works
        self._ready: queue.Queue[Work] = queue.Queue()
        self._stopped = threading.Event()
        self._token = ""
        self.org_id = ""

    def register(self) -> None:
        """Make the organisation that owns the jobs. Raises Unavailable when the API does not accept it."""
        name = uuid.uuid4().hex
        body = {"email": f"{name}@example.com", "password": f"storm-{name}", "organization": "Storm"}
        answer = requests.post(f"{self._api_url}/v1/auth/register", json=body, timeout=30)
        if answer.status_code != 201:
            raise Unavailable(f"The API did not accept the storm's registration: {answer.status_code} {answer.text[:300]}")
        session = answer.json()
        self._token, self.org_id = session["access_token"], session["organization"]["id"]

    def start(self) -> None:
        for body in (self._pace, *[self._send] * SENDERS):
            threading.Thread(target=body, name="storm-load", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    @property
    def is_over(self) -> bool:
        return len(self.accepted) + len(self.refused) == len(self._works)

    def _pace(self) -> None:
        begun = time.monotonic()
        for work in self._works:
            if self._stopped.wait(max(0.0, begun + work.at - time.monotonic())):
                return
            self._ready.put(work)

    def _send(self) -> None:
        while not self._stopped.is_set():
            try:
                work = self._ready.get(timeout=1)
            except queue.Empty:
                continue
            while not self._stopped.is_set() and not self._submit(work):
                time.sleep(PAUSE_SECONDS)

    def _submit(self, work: Work) -> bool:
        """Whether there is no more to do for this work."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": work.key}
        body = {"kind": work.kind, "params": work.params}
        try:
            answer = requests.post(f"{self._api_url}/v1/jobs", json=body, headers=headers, timeout=15)
        except requests.RequestException:
            return False
        if answer.status_code == 202:
            self.accepted[work.key] = answer.json()["id"]
        elif answer.status_code < 500 and answer.status_code != 429:
            self.refused[work.key] = f"{answer.status_code} {answer.text[:300]}"
        else:
            return False
        return True
