"""One file a job kind, or a family of kinds. Importing this package declares them all."""

from tasks import advert_render, campaign_run, concept_produce, image_generate, post_publish, site_crawl, video, vision, voice_generate

__all__ = [
    "advert_render",
    "campaign_run",
    "concept_produce",
    "image_generate",
    "post_publish",
    "site_crawl",
    "video",
    "vision",
    "voice_generate",
]
