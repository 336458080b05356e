"""Which vendor serves a capability here and now: the only place that names the vendors' classes.

Each function raises NotConfigured, naming the variables that are missing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from core.errors import InvalidInput, NotConfigured
from core.settings import Settings, get_settings
from providers.contracts.background import BackgroundRemover
from providers.contracts.crawl import Crawler
from providers.contracts.image import ImageModel
from providers.contracts.research import Researcher
from providers.contracts.social import SocialNetwork
from providers.contracts.storage import Storage
from providers.contracts.text import TextModel
from providers.contracts.voice import VoiceModel
from providers.elevenlabs import ElevenLabs
from providers.firecrawl import Firecrawl
from providers.openrouter import OpenRouter
from providers.perplexity import Perplexity
from providers.removebg import RemoveBg
from providers.segmind import Segmind
from providers.storage.folder import FolderStorage
from providers.storage.s3 import S3Storage
from providers.x import X

# channel -> (class, the settings it cannot do without)
_NETWORKS: dict[str, tuple[Callable[[Settings], SocialNetwork], tuple[str, ...]]] = {
    "x": (X, ("x_client_id",)),
}


def text_model() -> TextModel:
    return OpenRouter(_with("openrouter_api_key", purpose="writing text"))


def researcher() -> Researcher:
    return Perplexity(_with("perplexity_api_key", purpose="research on the web"))


def image_model() -> ImageModel:
    return Segmind(_with("segmind_api_key", purpose="making images"))


def voice_model() -> VoiceModel:
    return ElevenLabs(_with("elevenlabs_api_key", purpose="making voice-overs"))


def crawler_vendor() -> Crawler | None:
    """None without FIRECRAWL_API_KEY: our own crawler does it then."""
    settings = get_settings()
    return Firecrawl(settings) if settings.firecrawl_api_key.get_secret_value() else None


def background_remover() -> BackgroundRemover | None:
    """None without REMOVEBG_API_KEY: a model of our own does it then."""
    settings = get_settings()
    return RemoveBg(settings) if settings.removebg_api_key.get_secret_value() else None


def storage() -> Storage:
    """The bucket when S3_BUCKET_NAME is set, else a folder under STATE_DIR."""
    settings = get_settings()
    if not settings.s3_bucket_name:
        return FolderStorage(settings.files_dir, settings.public_url)
    credentials = (settings.aws_access_key_id.get_secret_value(), settings.aws_secret_access_key.get_secret_value())
    return _bucket(
        settings.s3_bucket_name, settings.s3_endpoint_url, settings.s3_public_url, settings.aws_region, settings.cdn_domain, *credentials
    )


@functools.lru_cache(maxsize=4)
def _bucket(*_: str) -> S3Storage:
    """One client a bucket and process: boto3 takes a tenth of a second to make one, and making is not thread-safe."""
    return S3Storage(get_settings())


def channels() -> list[str]:
    """The social networks that Drumbeat knows, configured or not."""
    return sorted(_NETWORKS)


def social(channel: str) -> SocialNetwork:
    """Raises InvalidInput for a channel that Drumbeat does not know."""
    if channel not in _NETWORKS:
        raise InvalidInput(f"there is no channel {channel!r}", hint=f"Known channels: {', '.join(channels())}.")
    network, needed = _NETWORKS[channel]
    return network(_with(*needed, purpose=f"publishing to {channel}"))


def _with(*needed: str, purpose: str) -> Settings:
    settings = get_settings()
    missing = [name.upper() for name in needed if not _is_set(getattr(settings, name))]
    if missing:
        raise NotConfigured(
            f"{purpose} needs {', '.join(missing)}",
            hint="Set it in the environment or in .env; .env.example says where to get one.",
            errors=[{"pointer": name, "detail": "is missing"} for name in missing],
        )
    return settings


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
