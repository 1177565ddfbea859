"""Activities a member can take part in."""
