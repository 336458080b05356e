"""Tests of the marketing work."""
