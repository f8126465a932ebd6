"""Is a live model still right: drift, late labels, performance, the verdict."""
