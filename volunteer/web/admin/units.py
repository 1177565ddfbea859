"""Units that employ members."""
