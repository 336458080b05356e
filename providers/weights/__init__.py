"""Fetching weights from where their publishers put them: addresses, packages of the Python index and of npm."""
