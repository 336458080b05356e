"""Pages for people: what the API knows, drawn. They change nothing themselves except who is logged in."""
