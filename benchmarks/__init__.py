"""Measurements beside the best known peer. `./drumbeat bench NAME` runs `benchmarks/NAME.py`, which has `rows() -> list[Row]`."""
