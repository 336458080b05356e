"""Marketing mix models: the pure room."""
