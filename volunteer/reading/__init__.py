"""Files from people: bytes in, rows out."""
