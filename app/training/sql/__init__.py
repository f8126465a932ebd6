"""Rules that plain SQL can follow: found on training rows, written as one query, run by a real engine."""
