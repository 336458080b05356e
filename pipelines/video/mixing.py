"""Several sounds heard together: mixed without clipping, or one of them stepping back for another."""

from __future__ import annotations

from typing import Any

_CEILING = 0.95  # what a mix never exceeds
_OPENS = 0.02  # level of the speaking sound (-34 dBFS) above which the other steps back
_ATTACK, _RELEASE = 60, 500  # milliseconds: back quickly, forward calmly
_STEEP = 20  # ratio; so steep that the floor below is what decides


def mixed(sounds: list[Any], samples: int) -> Any:
    """The sum of the sounds, each at its own level; only what would clip is held down. Exactly `samples` samples."""
    import ffmpeg as graph

    if len(sounds) == 1:
        return sounds[0]
    together = graph.filter(sounds, "amix", inputs=len(sounds), duration="longest", normalize=0)
    return exact(together.filter("alimiter", limit=_CEILING, level=0, latency=1), samples)


def ducked(sound: Any, speaking: Any, decibels: float, samples: int) -> Any:
    """Both together, `sound` quieter by about `decibels` while `speaking` is heard."""
    import ffmpeg as graph

    copies = speaking.filter_multi_output("asplit", 2)
    kept = 10 ** (-decibels / 20)
    branches = sound.filter_multi_output("asplit", 2)
    squeezed = graph.filter([branches[0], copies[0]], "sidechaincompress", threshold=_OPENS, ratio=_STEEP, attack=_ATTACK, release=_RELEASE)
    back = graph.filter(
        [squeezed.filter("volume", round(1 - kept, 6)), branches[1].filter("volume", round(kept, 6))], "amix", inputs=2, normalize=0
    )
    return mixed([back, copies[1]], samples)


def delayed(sound: Any, samples: int) -> Any:
    """The sound after so many samples of silence."""
    return sound.filter("adelay", f"{samples}S", all=1) if samples else sound


def exact(sound: Any, samples: int) -> Any:
    return sound.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
