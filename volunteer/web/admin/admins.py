"""Admins: appointed, deputised, handed over."""
