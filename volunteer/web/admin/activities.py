"""Activities: planned, published, staffed."""
