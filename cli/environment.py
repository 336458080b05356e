"""Which variables the started processes get: what the user set stays, what is missing is filled in."""

from __future__ import annotations

from typing import Self

from pydantic import ValidationError, model_validator

from core.errors import NotConfigured
from core.settings import Settings, faults_of

VENDOR_KEYS = {"openrouter_api_key", "perplexity_api_key", "segmind_api_key", "elevenlabs_api_key", "firecrawl_api_key", "x_client_id"}


class GivenSettings(Settings):
    """The environment and `.env` as far as they are set; nothing is required, and production is judged later."""

    database_url: str = "postgresql://"

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        return self

    @property
    def names(self) -> set[str]:
        """The variables that the user set, in lower case."""
        return self.model_fields_set

    @property
    def has_vendor_keys(self) -> bool:
        return bool(self.names & VENDOR_KEYS)


def read_given() -> GivenSettings:
    """What is set now. Raises NotConfigured with every fault at once."""
    try:
        return GivenSettings()
    except ValidationError as error:
        faults = faults_of(error)
        raise NotConfigured(
            f"{len(faults)} setting(s) are wrong", hint="Correct them in the environment or in .env.", errors=faults
        ) from None


def missing(given: GivenSettings, values: dict[str, str]) -> dict[str, str]:
    """Those of `values` that the user did not set."""
    return {name: value for name, value in values.items() if name.lower() not in given.names}
