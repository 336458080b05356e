"""Our own crawler: the readable pages of one site, politely and within limits."""
