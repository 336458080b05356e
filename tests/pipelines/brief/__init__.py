"""Tests of pipelines/brief."""
