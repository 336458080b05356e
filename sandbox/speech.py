"""Speech from espeak-ng: samples, and for every character of the text when it is spoken.

The library keeps global state, so one text is spoken at a time. It is loaded at the first use.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import espeakng_loader
import imageio_ffmpeg

_SYNCHRONOUS, _CHARACTERS, _UTF8, _RATE, _PITCH = 2, 1, 1, 1, 3
_LIST_END, _WORD = 0, 1
_USUAL_RATE = 165  # words a minute
_lock = threading.Lock()


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # counts characters from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Speech:
    samples: bytes  # 16 bit little endian, mono
    rate: int  # samples a second
    words: tuple[tuple[int, float], ...]  # index of a word's first character, and when it starts, in seconds

    @property
    def seconds(self) -> float:
        return len(self.samples) / 2 / self.rate


@functools.cache
def _engine() -> tuple[Any, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise RuntimeError(f"espeak-ng did not start with the data at {espeakng_loader.get_data_path()}")
    return library, rate


def speak(text: str, *, voice: str, speed: float, pitch: int) -> Speech:
    """voice: an espeak-ng voice such as `en-us` or `de+f2`; an unknown one falls back to English. pitch: 0 to 99."""
    with _lock:
        library, rate = _engine()
        samples, words, collect = _collector()
        library.espeak_SetSynthCallback(collect)
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            library.espeak_SetVoiceByName(b"en-us")
        library.espeak_SetParameter(_RATE, int(_USUAL_RATE * speed), 0)
        library.espeak_SetParameter(_PITCH, pitch, 0)
        sent = text.encode()
        library.espeak_Synth(sent, ctypes.c_size_t(len(sent) + 1), 0, _CHARACTERS, 0, _UTF8, None, None)
        return Speech(bytes(samples), rate, tuple(words))


def _collector() -> tuple[bytearray, list[tuple[int, float]], Callable[..., int]]:
    samples, words = bytearray(), list[tuple[int, float]]()

    def collect(wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            samples.extend(ctypes.string_at(wave, count * 2))
        number = 0
        while events[number].type != _LIST_END:
            if events[number].type == _WORD:
                words.append((events[number].text_position - 1, events[number].audio_position / 1000))
            number += 1
        return 0

    return samples, words, _Callback(collect)


def alignment(text: str, speech: Speech) -> dict[str, list[Any]]:
    """Start and end of every character in seconds; rising, without gaps, the last ends with the audio."""
    marks = [(0, 0.0), *(mark for mark in speech.words if 0 < mark[0] < len(text)), (len(text), speech.seconds)]
    starts: list[float] = []
    for (first, begins), (following, ends) in itertools.pairwise(marks):
        length = max(1, following - first)
        starts += [begins + max(0.0, ends - begins) * n / length for n in range(following - first)]
    starts = [round(start, 3) for start in itertools.accumulate(starts, max)]
    return {
        "characters": list(text),
        "character_start_times_seconds": starts,
        "character_end_times_seconds": [*starts[1:], round(speech.seconds, 3)],
    }


_ENCODINGS: dict[str, tuple[str, ...]] = {
    "mp3": ("-c:a", "libmp3lame", "-f", "mp3"),
    "opus": ("-c:a", "libopus", "-f", "ogg"),
    "wav": ("-c:a", "pcm_s16le", "-f", "wav"),
    "pcm": ("-c:a", "pcm_s16le", "-f", "s16le"),
    "ulaw": ("-c:a", "pcm_mulaw", "-f", "mulaw"),
    "alaw": ("-c:a", "pcm_alaw", "-f", "alaw"),
}


def encoded(speech: Speech, output_format: str) -> bytes:
    """output_format: codec_rate or codec_rate_kbps, as `mp3_44100_128`."""
    codec, rate, *bits = output_format.split("_")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", str(speech.rate), "-ac", "1", "-i", "-"]
    command += ["-ar", rate, *(["-b:a", f"{bits[0]}k"] if bits else []), *_ENCODINGS[codec], "-"]
    return subprocess.run(command, input=speech.samples, capture_output=True, check=True).stdout
