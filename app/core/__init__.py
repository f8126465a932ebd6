"""Nouns and pure rules. Standard library only; no I/O, no clock, no randomness of its own."""
