"""What is an import of users from a CSV file? The states of a job, its bounds, and the columns of its file."""

from poolkeeper.clock import DAY, MINUTE
from poolkeeper.model.pool import Pool

CREATED, PENDING, IN_PROGRESS, STOPPING = "Created", "Pending", "InProgress", "Stopping"
SUCCEEDED, FAILED, STOPPED, EXPIRED = "Succeeded", "Failed", "Stopped", "Expired"
ENDED = frozenset({SUCCEEDED, FAILED, STOPPED, EXPIRED})

MOST_BYTES = 100 * 1024 * 1024
MOST_ROWS = 500_000
PART = 256 * 1024
# Faults that are kept of one job; all are counted.
MOST_FAULTS = 1_000
# UNVERIFIED: that AWS keeps so many; ListUserImportJobs of a pool with more would settle it.
JOBS_OF_A_POOL = 1_000
# What a job says that a restore has ended.
RESTORED = "The import job was ended by a restore of the database."
# How long its address takes a file, and how long it may wait to be started (AWS: 24 to 48 hours).
UPLOAD_LIFE = 15 * MINUTE
JOB_LIFE = 2 * DAY

USERNAME, MFA_ENABLED, PASSWORD_HASH = "cognito:username", "cognito:mfa_enabled", "cognito:password_hash"
# The order of AWS's file (userpools.md 5.6); custom attributes follow.
_STANDARD = (
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
)
_OF_THE_HOUSE = frozenset({"sub", "identities"})


def columns(pool: Pool) -> tuple[str, ...]:
    """Return the header of a pool's file: the username, its attributes, and whether MFA is on."""
    standard = [name for name in _STANDARD if name in pool.schema.attributes]
    # UNVERIFIED: whether developer-only attributes (dev:) are among AWS's; GetCSVHeader of a pool with one would settle it.
    custom = [name for name in pool.schema.attributes if name not in _STANDARD and name not in _OF_THE_HOUSE]
    return (USERNAME, *standard, *custom, MFA_ENABLED)
