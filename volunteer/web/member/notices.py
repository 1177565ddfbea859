"""The member's own data: what is stored, to take along or to erase."""
