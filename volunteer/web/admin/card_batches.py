"""Cards for a whole team at once."""
