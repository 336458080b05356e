"""Events from browsers: write keys, the script, what it sends, and short links that count."""
