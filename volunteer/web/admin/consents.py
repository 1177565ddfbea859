"""A member's consents, and what they allow."""
