"""Sound as a phone takes it at arm's length: a narrow band, one channel, a hard grip on the level, a bit of the room."""

from __future__ import annotations

from typing import Any

from pipelines.video.coding import SAMPLE_RATE

_LOW = (40.0, 300.0)  # Hz below which nothing is heard, at no strength and at full
_HIGH = (15_000.0, 5_500.0)
_ROOM_NOISE = 0.004  # amplitude at full strength


def band(strength: float) -> tuple[float, float]:
    """The lowest and the highest frequency, in Hz, that come through at this strength."""
    return _LOW[0] * (_LOW[1] / _LOW[0]) ** strength, _HIGH[0] * (_HIGH[1] / _HIGH[0]) ** strength


def taken_by_phone(sound: Any, seed: int, strength: float, samples: int) -> Any:
    """The ffmpeg-python sound, stereo of exactly `samples` samples as before."""
    if not strength:
        return sound
    import ffmpeg as graph

    low, high = band(strength)
    heard = sound.filter("pan", args="mono|c0=0.5*c0+0.5*c1")
    heard = heard.filter("aecho", 0.9, 0.9, "13|29", f"{0.16 * strength:.3f}|{0.09 * strength:.3f}")
    noise = graph.input(f"anoisesrc=r={SAMPLE_RATE}:c=pink:a={_ROOM_NOISE * strength:.5f}:seed={seed % 2**31}", f="lavfi")
    heard = graph.filter([heard, noise.filter("atrim", end_sample=samples)], "amix", inputs=2, duration="longest", normalize=0)
    for _ in range(2):  # two of second order each: 24 dB an octave
        heard = heard.filter("highpass", f=f"{low:.1f}").filter("lowpass", f=f"{high:.1f}")
    heard = heard.filter("equalizer", f=2600, t="q", w=1.1, g=f"{4 * strength:.2f}")
    grip = {"threshold": 0.12, "ratio": f"{1 + 3 * strength:.2f}", "makeup": f"{1 + strength:.2f}"}
    heard = heard.filter("acompressor", attack=4, release=120, **grip)
    held = heard.filter("alimiter", limit=0.9, level=0, latency=1)
    return held.filter("pan", args="stereo|c0=c0|c1=c0").filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
