"""Compare: which candidate is best, where it is weak, and why it answers as it does."""
