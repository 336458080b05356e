"""Tests of everything that leaves the building."""
