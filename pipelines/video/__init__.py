"""Moving pictures: files in, files out. Knows no database and no network."""
