"""The sandbox itself: how strictly it plays the vendors."""
