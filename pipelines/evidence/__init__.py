"""Statements about a brand, and the pages that bear them out."""
