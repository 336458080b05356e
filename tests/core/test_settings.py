"""Settings: read from the environment, with every fault told at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet

from core.errors import NotConfigured
from core.settings import DEFAULT_SECRET_KEY, get_settings

STRONG = "x" * 40


def faults(configure: Callable[..., None], **values: str) -> dict[str, str]:
    configure(**values)
    with pytest.raises(NotConfigured) as refused:
        get_settings()
    return {fault["pointer"]: fault["detail"] for fault in refused.value.errors}


def test_all_faults_are_told_at_once(configure: Callable[..., None]) -> None:
    """One error names every variable that is missing or wrong."""
    found = faults(configure, DATABASE_URL="", REDIS_URL="http://x", LEASE_SECONDS="soon", ENVIRONMENT="moon")
    assert set(found) == {"DATABASE_URL", "REDIS_URL", "LEASE_SECONDS", "ENVIRONMENT"}


def test_the_error_lists_them_for_people(configure: Callable[..., None]) -> None:
    """The sentence itself names the variables, and the hint says where to set them."""
    configure(DATABASE_URL="mysql://x", REDIS_URL="http://x")
    with pytest.raises(NotConfigured, match=r"2 setting\(s\)(.|\n)*DATABASE_URL: must start with postgresql://(.|\n)*REDIS_URL") as refused:
        get_settings()
    assert ".env.example" in refused.value.hint


def test_a_wrong_value_is_not_shown(configure: Callable[..., None]) -> None:
    """A secret in the wrong place does not reach the logs by an error."""
    configure(DATABASE_URL="mysql://me:hush@db/x")
    with pytest.raises(NotConfigured) as refused:
        get_settings()
    assert "hush" not in str(refused.value)


def test_production_refuses_what_is_not_safe(configure: Callable[..., None]) -> None:
    """Default secret, no keys at rest, sandbox, private hosts and local origins: all in one message."""
    told = faults(
        configure,
        ENVIRONMENT="production",
        SECRET_KEY=DEFAULT_SECRET_KEY,
        SANDBOX_URL="http://127.0.0.1:1",
        FETCH_ALLOW_HOSTS="127.0.0.1:1",
        ALLOWED_ORIGINS="http://localhost:3000",
    )
    sentence = " ".join(told.values())
    for name in ("SECRET_KEY is the default", "ENCRYPTION_KEYS", "SANDBOX_URL", "FETCH_ALLOW_HOSTS", "localhost:3000"):
        assert name in sentence


@pytest.mark.parametrize("secret", [DEFAULT_SECRET_KEY, "short"])
def test_production_wants_a_strong_secret(configure: Callable[..., None], secret: str) -> None:
    """The default and a short key are refused, in production only."""
    safe = {"ENCRYPTION_KEYS": Fernet.generate_key().decode(), "ALLOWED_ORIGINS": "https://app.example.com"}
    assert "SECRET_KEY" in " ".join(faults(configure, ENVIRONMENT="production", SECRET_KEY=secret, **safe).values())
    configure(ENVIRONMENT="production", SECRET_KEY=STRONG, **safe)
    assert get_settings().environment == "production"
    configure(ENVIRONMENT="development", SECRET_KEY=secret)
    assert get_settings().secret_key.get_secret_value() == secret


def test_the_settle_time_outlasts_the_deadline(configure: Callable[..., None]) -> None:
    """ "Not found" must not be believed while our own request may still be under way."""
    assert "VENDOR_SETTLE_SECONDS" in " ".join(faults(configure, VENDOR_SETTLE_SECONDS="5", VENDOR_TIMEOUT_SECONDS="5").values())


def test_older_names_and_forms_are_understood(configure: Callable[..., None]) -> None:
    """postgres:// is postgresql://, and the two variables of origins are joined without doubles."""
    configure(DATABASE_URL="postgres://me@db/x", ALLOWED_ORIGINS="https://a.example/, https://b.example", CORS_ORIGINS="https://a.example")
    assert get_settings().database_url == "postgresql://me@db/x"
    assert get_settings().origins == ["https://a.example", "https://b.example"]


def test_an_empty_variable_counts_as_unset(configure: Callable[..., None]) -> None:
    """`X=` in an env file means the default."""
    configure(LEASE_SECONDS="", X_API_BASE_URL="")
    assert (get_settings().lease_seconds, get_settings().x_api_base_url) == (10.0, "https://api.x.com")


def test_only_what_points_at_the_sandbox_is_simulated(configure: Callable[..., None]) -> None:
    """Without a sandbox nothing is."""
    configure(SANDBOX_URL="http://127.0.0.1:9000")
    assert get_settings().is_simulated("http://127.0.0.1:9000/x")
    assert not get_settings().is_simulated("https://api.x.com")
    configure(SANDBOX_URL="")
    assert not get_settings().is_simulated("https://api.x.com")
