"""Which tables hold something of a user? Those that must hold as much of one who does not exist."""

TABLES = ("codes", "hourly", "lockouts", "conversations")
