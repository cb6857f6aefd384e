"""What may be done in the name of a secondary replica's region? Reading, its own tags and status, and, while it is active, signing in.

Source: the model's texts of UserPoolReplicaType. A replica holds no data here: pool and users are those of the primary region.
"""

import re

PRIMARY, SECONDARY = "PRIMARY", "SECONDARY"
ACTIVE, INACTIVE, DELETING = "ACTIVE", "INACTIVE", "DELETING"
# UNVERIFIED: how many a pool may have; CreateUserPoolReplica in one region after the other would settle it.
MOST_REPLICAS = 20

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)
_SIGNING_IN = frozenset({"AdminInitiateAuth", "AdminRespondToAuthChallenge", "GetClientToken", "GetDerivedToken"})
# Their answers change the user, which a secondary does not.
_CHALLENGES_THAT_WRITE = frozenset({"NEW_PASSWORD_REQUIRED", "MFA_SETUP"})
_OWN = frozenset({"TagResource", "UntagResource", "UpdateUserPoolReplica"})
_READING = ("AdminGet", "AdminList", "Describe", "Get", "List")


def is_region(text: str) -> bool:
    """Say whether a text has the form of a region's name."""
    return _REGION.fullmatch(text) is not None


def is_enabled(operation: str, *, status: str, challenge: str | None) -> bool:
    """Say whether a secondary replica of a status does an operation, to which a challenge may be answered."""
    # UNVERIFIED: which operations a secondary has beside those that only read; each of them against AWS would settle it.
    if operation in _SIGNING_IN:
        return status == ACTIVE and challenge not in _CHALLENGES_THAT_WRITE
    return operation in _OWN or operation.startswith(_READING)
