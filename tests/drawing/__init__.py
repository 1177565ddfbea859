"""Pictures and documents, read back the way a printer and a reader see them."""
