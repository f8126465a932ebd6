"""Data: what was dropped, what it is used as, what was found in it, and where it comes from."""
