"""Accounts at social networks, connected by OAuth."""
