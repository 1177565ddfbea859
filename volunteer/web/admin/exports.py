"""Lists for Excel."""
