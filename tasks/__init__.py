"""One file a job kind, or a family of kinds. Importing this package declares them all."""

from tasks import (
    advert_render,
    campaign_run,
    concept_produce,
    experiment_simulate,
    experiment_update,
    image_generate,
    mmm_fit,
    mmm_optimise,
    mmm_report,
    post_publish,
    site_crawl,
    video,
    vision,
    voice_generate,
)

__all__ = [
    "advert_render",
    "campaign_run",
    "concept_produce",
    "experiment_simulate",
    "experiment_update",
    "image_generate",
    "mmm_fit",
    "mmm_optimise",
    "mmm_report",
    "post_publish",
    "site_crawl",
    "video",
    "vision",
    "voice_generate",
]
