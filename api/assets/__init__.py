"""Assets over HTTP: upload, list, search, show, versions, content."""
