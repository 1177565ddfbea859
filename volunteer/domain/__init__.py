"""Rules: values in, a decision out."""
