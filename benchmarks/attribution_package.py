"""The nearest package's side, run by an interpreter of its own that has it: `python attribution_package.py STITCHED`.

It stitches and deduplicates nothing, so it is given people's events in order, as our attribution step is.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np


def main(stitched: str) -> None:
    """Prints the seconds of its seven models, reading its journeys included, and what they gave."""
    import polars as pl
    from mam import MAM

    with np.load(stitched) as columns:
        touch = ~columns["converts"]
        following = np.append(columns["converts"][1:], False)  # a conversion is the flag of the touchpoint before it
        frame: Any = pl.DataFrame(
            {
                "person": columns["person"][touch],
                "at": columns["at"][touch].astype("datetime64[ms]"),
                "channel": columns["channel"][touch].astype(str),
                "converts": following[touch],
            }
        )
    begun = time.monotonic()
    mam = MAM(
        frame,
        format_type="session",
        channels_colname="channel",
        journey_with_conv_colname="converts",
        datetime_colname="at",
        user_id_colname="person",
    )
    runs = {
        "first": mam.run_first_click(),
        "last": mam.run_last_click(),
        "linear": mam.run_linear(),
        "position": mam.run_position_based(),
        "time_decay": mam.run_time_decay(168.0),
        "markov": mam.run_markov(transition_to_same_state=True),
        "shapley": mam.run_shapley(),
    }
    seconds = time.monotonic() - begun
    told = {name: dict(run.to_polars().select("channels", "attribution").rows()) for name, run in runs.items()}
    print(json.dumps({"seconds": seconds, "models": told}))


if __name__ == "__main__":
    main(sys.argv[1])
