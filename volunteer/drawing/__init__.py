"""Pictures and documents: values in, bytes out. Knows no database, no request and no clock."""
