"""Quillmoor Lamps, a company that does not exist: the pages, style and pictures of its web site."""
