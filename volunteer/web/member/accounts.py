"""The member's own account: password, second factors, sessions."""
