"""From raw cells to typed columns: measured, guessed, proven while converting."""
