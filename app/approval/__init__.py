"""Which candidate may become a model version, and on whose word."""
