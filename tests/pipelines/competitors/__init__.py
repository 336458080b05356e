"""Tests of pipelines/competitors."""
