"""What is worth saying about a table before anything is trained on it."""
