"""The first admin's page."""
