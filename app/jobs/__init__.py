"""Any function in a watched child process. No Qt."""
