"""`doctor`: each finding names its fix, and production is held to the checklist."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from cli.checks import production, services
from cli.doctor import command
from core.settings import get_settings
from models.session import engine


def states(findings: object) -> dict[str, str]:
    return {finding.name: finding.state for finding in findings}  # type: ignore[attr-defined]


def test_a_good_database_and_broker_pass(database_url: str, redis_url: str) -> None:
    """Schema, roles and the eviction policy of our own servers are fine."""
    assert set(states(services.check()).values()) == {"ok"}


def test_a_database_that_is_away_is_a_fault_with_a_fix(configure: Callable[..., None], redis_url: str) -> None:
    """A refused connection is a finding, not a traceback, and says what to do."""
    from models.session import dispose

    dispose()
    configure(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    found = next(f for f in services.check() if f.name == "postgres")
    dispose()
    assert (found.state, "DATABASE_URL" in found.fix) == ("fault", True)


def test_a_database_without_temporary_tables_is_a_fault(database_url: str, redis_url: str) -> None:
    """Where a host took the right away, the finding says what that breaks and the statement that gives it back."""
    with engine().begin() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC, drumbeat_app'))
    found = next(f for f in services.check() if f.name == "temporary tables")
    with engine().begin() as connection:
        connection.execute(text(found.fix.partition(": ")[2]))
        connection.execute(text(f'GRANT TEMPORARY ON DATABASE "{name}" TO PUBLIC'))
    assert (found.state, "no events" in found.detail) == ("fault", True)
    assert states(services.check())["temporary tables"] == "ok"


PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://drumbeat@db.example.com/drumbeat",
    "DATABASE_SSL": "true",
    "SECRET_KEY": "x" * 48,
    "ENCRYPTION_KEYS": "k",
    "ALLOWED_ORIGINS": "https://app.example.com",
    "PUBLIC_URL": "https://drumbeat.example.com",
    "OPENROUTER_API_KEY": "k",
    "PERPLEXITY_API_KEY": "k",
    "SEGMIND_API_KEY": "k",
    "ELEVENLABS_API_KEY": "k",
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_SECRET_ACCESS_KEY": "k",
    "S3_BUCKET_NAME": "bucket",
}


def test_a_complete_production_setup_has_no_fault(configure: Callable[..., None]) -> None:
    """With every variable set as the checklist asks, nothing is a fault."""
    configure(**PRODUCTION)
    assert "fault" not in states(production.check()).values()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"SECRET_KEY": "your-secret-key-change-in-production"}, "secret_key"),
        ({"SECRET_KEY": "short"}, "secret_key"),
        ({"ENCRYPTION_KEYS": ""}, "encryption_keys"),
        ({"CORS_ORIGINS": "http://localhost:3000"}, "allowed_origins"),
        ({"ENVIRONMENT": "development"}, "environment"),
        ({"DATABASE_URL": ""}, "database_url"),
        ({"DATABASE_SSL": "false"}, "database_ssl"),
        ({"PUBLIC_URL": "http://drumbeat.example.com"}, "public_url"),
        ({"OPENROUTER_API_KEY": ""}, "openrouter_api_key"),
        ({"S3_BUCKET_NAME": ""}, "s3_bucket_name"),
        ({"SANDBOX_URL": "http://127.0.0.1:8900"}, "sandbox_url"),
    ],
)
def test_each_line_of_the_checklist_is_looked_at(configure: Callable[..., None], change: dict[str, str], name: str) -> None:
    """One thing wrong is one fault under its own name."""
    configure(**{**PRODUCTION, **change})
    assert states(production.check())[name] == "fault"


def test_findings_as_json_and_the_exit_code(tmp_path: Path, configure: Callable[..., None]) -> None:
    """`--json` prints an array with a fix for all that is not fine, and a fault makes the exit code 1."""
    configure(DATABASE_URL="")
    done = CliRunner().invoke(command, ["--json", "--state-dir", str(tmp_path)], standalone_mode=False)
    findings = json.loads(done.stdout)
    assert done.return_value == 1
    assert all(f["fix"] for f in findings if f["state"] != "ok")
    get_settings.cache_clear()


def test_a_proxy_that_is_not_believed_is_told(configure: Callable[..., None]) -> None:
    """Behind https stands a proxy; with TRUSTED_PROXIES=0 every client would have its address."""
    configure(**PRODUCTION)
    assert states(production.check())["trusted_proxies"] == "warning"
    configure(**PRODUCTION, TRUSTED_PROXIES="1")
    assert states(production.check())["trusted_proxies"] == "ok"
