"""Writing that several use cases share, inside the transaction of whoever calls; nothing here decides."""
