"""Tests of pipelines/concepts."""
