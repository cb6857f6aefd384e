"""Which unmodified clients of Cognito work here? Each is told a story against a server of its own process."""
