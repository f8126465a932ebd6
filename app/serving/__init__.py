"""Where bundles answer, and how their predictions come home."""
