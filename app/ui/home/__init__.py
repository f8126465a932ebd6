"""Home: the ways in, where the project stands, and what waits for somebody."""
