"""The creative brief of a campaign."""
