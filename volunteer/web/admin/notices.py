"""The privacy notice and the log of who looked at what."""
