"""Rules that act by themselves, and the system's schedule that wakes them."""
