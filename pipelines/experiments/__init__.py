"""Experiments as arithmetic: who is in which variant, what a difference is worth, what a bandit decides. No database."""
