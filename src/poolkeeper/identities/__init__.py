"""Identity pools: who somebody is by their logins, what vouches for it, and which role they get."""
