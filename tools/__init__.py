"""Tools for maintainers; nothing here runs in the service."""
