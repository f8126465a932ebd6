"""The search: what to try next, on how much of the data, and when to stop."""
