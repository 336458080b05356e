"""This machine: Python, settings, disk, ffmpeg."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator

from cli.checks.findings import Finding, fault, ok, warning
from core.errors import NotConfigured
from core.settings import get_settings

WANTED_GIB = 5


def check() -> Iterator[Finding]:
    yield ok("python", platform.python_version())
    yield _settings()
    yield _disk()
    yield _ffmpeg()


def _settings() -> Finding:
    try:
        settings = get_settings()
    except NotConfigured as error:
        return fault("settings", error.detail.replace("\n", " "), f"{error.hint} ./drumbeat up fills in what is missing.")
    return ok("settings", f"read; ENVIRONMENT={settings.environment}")


def _disk() -> Finding:
    try:
        folder = get_settings().state_dir.resolve()
    except NotConfigured:
        return warning("disk", "not looked at: STATE_DIR is not known", "Correct the settings first.")
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 2**30
    if free < WANTED_GIB:
        return warning("disk", f"{free:.1f} GiB free under {existing}", f"Make room: renders and uploads want {WANTED_GIB} GiB or more.")
    return ok("disk", f"{free:.0f} GiB free under {existing}")


def _ffmpeg() -> Finding:
    import imageio_ffmpeg

    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        said = subprocess.run([program, "-version"], text=True, capture_output=True, check=True, timeout=20).stdout
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return fault("ffmpeg", f"does not run: {error}", "Install ffmpeg and set IMAGEIO_FFMPEG_EXE to it, or reinstall .venv.")
    return ok("ffmpeg", said.splitlines()[0].split(" Copyright")[0])
