"""Tests of pipelines/crawl."""
