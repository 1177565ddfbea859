"""Asking to join, without an account."""
