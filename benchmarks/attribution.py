"""A million touchpoints stitched, deduplicated and attributed by seven models, beside a plain pandas loop and the nearest package.

Each side runs in a process of its own over the same log. The package neither stitches nor deduplicates: its row compares
the attribution alone, over the same people's events. The sides' answers are compared too: figures of wrong results are
none. The package's Markov and Shapley are other games than ours, so there only its rules are.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.event_log import CHANNELS, TOUCHPOINTS, write_log
from benchmarks.row import Row
from cli.procfile import ROOT
from core.errors import StepFailed

PACKAGE = "marketing_attribution_models==2.1.1"
RULES = ("first", "last", "linear", "position", "time_decay")


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="drumbeat-bench-") as folder:
        log, stitched = Path(folder, "log.npz"), Path(folder, "stitched.npz")
        write_log(log)
        ours = _run([sys.executable, "-m", "benchmarks.attribution_ours", str(log), str(stitched)])
        plain = _run([sys.executable, "-m", "benchmarks.attribution_pandas", str(log)])
        _agree(ours, plain["models"], tuple(ours["models"]))
        table = [
            Row("vs-pandas", TOUCHPOINTS / ours["seconds"], TOUCHPOINTS / plain["seconds"], "touchpoints/s"),
            Row("peak-memory", ours["peak"], plain["peak"], "MB"),
        ]
        if python := _with_package(Path(folder, "venv")):
            package = _run([str(python), str(ROOT / "benchmarks" / "attribution_package.py"), str(stitched)])
            told = {name: [of.get(str(n), 0.0) for n in range(len(CHANNELS))] for name, of in package["models"].items()}
            _agree(ours, told, RULES)
            table.append(Row("vs-package", TOUCHPOINTS / ours["attribution"], TOUCHPOINTS / package["seconds"], "touchpoints/s"))
    return table


def _run(command: Sequence[str]) -> Any:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StepFailed(f"{command[-2]} failed: {done.stderr[-800:]}")
    return json.loads(done.stdout)


def _agree(ours: Any, theirs: dict[str, list[float]], models: Sequence[str]) -> None:
    for model in models:
        far = max(abs(one - other) for one, other in zip(ours["models"][model], theirs[model], strict=True))
        if far > 0.01:
            raise StepFailed(f"The sides differ by {far} conversions in the model {model}")


def _with_package(folder: Path) -> Path | None:
    """An interpreter that has the package, apart from ours; None, and a word about it, where it cannot be installed."""
    python = folder / "bin" / "python"
    for command in ([sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", "--quiet", PACKAGE]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            click.echo(f"SKIPPED vs-package: {PACKAGE} could not be installed: {done.stderr[-300:]}", err=True)
            return None
    return python
