"""The `drumbeat` command, and what it starts: embedded services, the processes, the demo."""
