"""Analytics over HTTP: performance, attribution, and the import of figures."""
