"""A challenger on fresh rows: trained, set beside the champion, rehearsed, decided."""
