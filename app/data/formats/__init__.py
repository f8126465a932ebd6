"""Files opened as raw tables: their content decides how."""
