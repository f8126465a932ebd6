"""Why a model answers as it does, and where it is weak."""
