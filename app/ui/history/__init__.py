"""History: who did what, and the trace of a prediction."""
