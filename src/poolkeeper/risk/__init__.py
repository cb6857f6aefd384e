"""How likely is it that somebody else signs in? What is seen, what is known, and what that comes to; no input, no output."""
