"""Training that members went through."""
