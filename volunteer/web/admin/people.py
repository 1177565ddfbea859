"""A member's own file: identity, contacts, skills, times."""
