"""Commendations of members."""
