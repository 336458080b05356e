"""The suite mirrors the rooms: tests/<room>/test_<thing>.py."""
