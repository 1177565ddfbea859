"""Looking up; never writes."""
