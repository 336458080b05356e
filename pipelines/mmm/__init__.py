"""Marketing mix models: which part of an outcome each channel's spend brought, how sure that is, and how to spend better."""
