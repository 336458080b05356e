"""Events, journeys and figures: data in, results out; no database, no network."""
