"""Identity pools: who a person is by their logins, which token says so, and which role they get."""
