"""Alerts: raised once a cause, told to whoever asked, closed by a person or a later look."""
