"""Tests of pipelines/brand."""
