"""What differs between two versions, and what is the same in another form."""
