"""Phone-like film, effect by effect."""
