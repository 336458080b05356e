"""Starting the API: faults of the settings are told all at once, and what must not be loaded is not."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.stack import ROOT

HEAVY = ("torch", "cv2", "mediapipe", "ultralytics", "pymc")


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Python in the repository with these settings and no others."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=inherited | settings, capture_output=True, text=True, timeout=60, check=False
    )


def test_all_faulty_settings_are_told_at_once() -> None:
    """A start with four faults names the four, exits with 1, and shows no traceback."""
    done = run("-c", "import api.wsgi", DATABASE_URL="", REDIS_URL="http://x", LOG_LEVEL="LOUD", ACCESS_TOKEN_MINUTES="0")
    assert done.returncode == 1
    assert {name for name in ("DATABASE_URL", "REDIS_URL", "LOG_LEVEL", "ACCESS_TOKEN_MINUTES") if name in done.stderr} == {
        "DATABASE_URL", "REDIS_URL", "LOG_LEVEL", "ACCESS_TOKEN_MINUTES"
    }  # fmt: skip
    assert "Traceback" not in done.stderr


def test_production_refuses_the_default_secret() -> None:
    """ENVIRONMENT=production with the default SECRET_KEY does not start."""
    done = run("-c", "import api.wsgi", ENVIRONMENT="production", DATABASE_URL="postgresql://db.example/drumbeat")
    assert done.returncode == 1
    assert "SECRET_KEY is the default" in done.stderr


def test_no_heavy_library_is_loaded() -> None:
    """The application knows every job kind without loading what runs them."""
    script = f"import sys, api.wsgi; print([name for name in {HEAVY} if name in sys.modules])"
    done = run("-c", script, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", ENVIRONMENT="test")
    assert done.stdout.strip() == "[]", done.stderr
