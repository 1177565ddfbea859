"""People who asked to join."""
