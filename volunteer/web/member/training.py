"""The member's training and commendations."""
