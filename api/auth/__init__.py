"""Registration, login, tokens, and who is calling."""
