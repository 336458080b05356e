"""Campaigns over HTTP: make, change, run, approve, look at what came of it."""
