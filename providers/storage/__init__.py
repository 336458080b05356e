"""Stores of files: a folder or an S3 bucket; `providers.registry.storage()` picks."""
