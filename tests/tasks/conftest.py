"""Campaigns on the sandbox's brand, run by real workers."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import tasks  # noqa: F401  (declares the kinds)
from core.crypto import encrypt
from models import Campaign, Connection, Organization
from models.session import org_session
from providers import registry
from tests.stack import SandboxProcess, WorkerPools
from worker.reading import job_view
from worker.submission import submit

FINAL = ("succeeded", "failed", "cancelled")
REDIRECT = "http://127.0.0.1:9/callback"


class Marketing:
    """An organisation with an X account of its own, and what one does with it."""

    def __init__(self, org_id: uuid.UUID, sandbox: SandboxProcess) -> None:
        self.org_id = org_id
        self.sandbox = sandbox

    def connect_x(self) -> None:
        """Through X's consent page, as a browser does."""
        network, verifier = registry.social("x"), secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        consent = network.consent_url(state="state", challenge=challenge, redirect_uri=REDIRECT)
        back = requests.get(consent, allow_redirects=False, timeout=10).headers["location"]
        tokens = network.exchange(code=parse_qs(urlsplit(back).query)["code"][0], verifier=verifier, redirect_uri=REDIRECT)
        account = network.account(tokens.access_token)
        with org_session(self.org_id) as session:
            session.add(
                Connection(
                    org_id=self.org_id,
                    vendor="x",
                    account_id=account.account_id,
                    account_name=account.name,
                    access_token_encrypted=encrypt(tokens.access_token),
                    refresh_token_encrypted=encrypt(tokens.refresh_token or ""),
                )
            )

    def campaign(self, **changed: Any) -> uuid.UUID:
        campaign_id = uuid.uuid4()
        wanted = {
            "name": "Autumn",
            "domain": self.sandbox.site_url,
            "goal": "Win new customers this autumn",
            "channels": ["x"],
            "budget": 20,
            "approval": "auto",
        }
        with org_session(self.org_id) as session:
            session.add(Campaign(id=campaign_id, org_id=self.org_id, **{**wanted, **changed}))
        return campaign_id

    def run(self, campaign_id: uuid.UUID) -> uuid.UUID:
        with org_session(self.org_id) as session:
            params = {"campaign_id": str(campaign_id)}
            job = submit(session, org_id=self.org_id, kind="campaign.run", params=params, campaign_id=campaign_id)
            campaign = session.get(Campaign, campaign_id)
            assert campaign
            campaign.job_id = job.job_id
        return job.job_id

    def submit(self, kind: str, params: dict[str, Any], **more: Any) -> uuid.UUID:
        with org_session(self.org_id) as session:
            return submit(session, org_id=self.org_id, kind=kind, params=params, **more).job_id

    def view(self, job_id: uuid.UUID) -> dict[str, Any]:
        with org_session(self.org_id) as session:
            return job_view(session, job_id)

    def until(self, job_id: uuid.UUID, is_there: Callable[[dict[str, Any]], bool], seconds: float = 90) -> dict[str, Any]:
        """The job once `is_there` holds; fails with the job as it is when it does not in time."""
        deadline = time.monotonic() + seconds
        while True:
            view = self.view(job_id)
            if is_there(view):
                return view
            assert time.monotonic() < deadline, f"still {view['state']}: {view['wait_reason']}, {view['error']}, {view['steps']}"
            time.sleep(0.1)

    def finished(self, job_id: uuid.UUID, seconds: float = 90) -> dict[str, Any]:
        return self.until(job_id, lambda view: view["state"] in FINAL, seconds)


@pytest.fixture
def marketing(organization: Organization, sandbox: SandboxProcess, worker_pools: WorkerPools) -> Marketing:
    return Marketing(organization.id, sandbox)
