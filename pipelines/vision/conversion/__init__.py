"""Weights as their publishers made them, turned into what our detectors load. Runs once, when a model is pulled."""
