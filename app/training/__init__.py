"""A plan becomes candidates: fitted, scored, exported and proven in children, recorded by the parent."""
