"""How likely is a sign-in somebody else's? Judged on plain values: nothing here knows of a database or of a request."""
