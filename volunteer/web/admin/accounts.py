"""An admin's own account: password, second factors, sessions."""
