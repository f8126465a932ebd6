"""Where data come from besides files: databases, web addresses, S3. Child side, but for ``ask``."""
