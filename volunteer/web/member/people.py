"""The member's own file."""
