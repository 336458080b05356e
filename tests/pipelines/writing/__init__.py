"""Tests of pipelines/writing."""
