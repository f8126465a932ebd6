"""Train: what to try, what runs, and how it ended."""
