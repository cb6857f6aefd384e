"""What the OAuth endpoints and the pages have in common: where a request came in, what an app asks for, who is signed in."""
