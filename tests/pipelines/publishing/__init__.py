"""Tests of pipelines/publishing."""
