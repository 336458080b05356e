"""One file a job kind. Importing this package declares them all."""
