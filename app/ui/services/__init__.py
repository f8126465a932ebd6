"""Services: what runs where, and a form to try it."""
