"""Tests of pipelines/evidence."""
