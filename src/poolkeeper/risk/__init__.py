"""How likely is a sign-in another person's? The judge here says so from plain values, without a database or a request."""
