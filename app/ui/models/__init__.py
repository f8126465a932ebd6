"""Models: the result, its approval, and everything about an approved version."""
