"""Experiments over HTTP: make, start, assign, read, stop; and what SDKs ask for."""
