"""Poolkeeper: user pools and identity pools on machines of your own, spoken to as Amazon Cognito is."""

__version__ = "0.1.0"
