"""The depth network: scenes that are rendered with their exact depth, the training on them, and what came of it."""
