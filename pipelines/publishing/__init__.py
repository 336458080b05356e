"""Posts made ready for each social channel."""
