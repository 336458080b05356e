"""The marketing work itself: data and capabilities in, results out. No queue, no HTTP server, no rows written here."""
