"""Detectors and image work: files in, boxes, points, maps and pictures out. Pure; heavy libraries load when they are used."""
