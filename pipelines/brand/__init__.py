"""The DNA of a brand: what it is, how it sounds and how it looks."""
