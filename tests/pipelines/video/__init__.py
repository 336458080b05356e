"""Tests of `pipelines.video`."""
