"""How many 90 % ROAS intervals cover the truth, over 200 generated markets of 4 channels and 156 weeks; nominal is the peer."""

from __future__ import annotations

import os

import click
import numpy as np

from benchmarks.row import Row
from pipelines.mmm.coverage import marked_worlds

FIRST, WORLDS = 1000, 200
NOMINAL, LEAST, MOST = 90.0, 86.0, 94.0


def rows() -> list[Row]:
    covered = []
    for marked in marked_worlds(FIRST, WORLDS, cores=os.cpu_count() or 1):
        covered.append(marked.covered)
        if len(covered) % 20 == 0:
            click.echo(f"{len(covered)} worlds: {np.mean(covered):.1%} of {np.size(covered)} intervals hold the truth", err=True)
    part = 100.0 * float(np.mean(covered))
    click.echo(f"{part:.1f} % is {'within' if LEAST <= part <= MOST else 'OUTSIDE'} {LEAST:.0f} to {MOST:.0f} %", err=True)
    return [Row("covered", part, NOMINAL, "% of intervals")]
