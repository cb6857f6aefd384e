"""What may a caller do? Whose a key or a session token is, which policies hold for it, and what they come to."""
