"""Looking at a stored table: rows, columns, and which go together."""
