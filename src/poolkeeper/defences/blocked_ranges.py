"""Is a caller's address in a blocked range? The operator's BlockedIPRangeList says, in pools that act on risk.

Source: identity-security.md 4.1; AWS: Advanced security with threat protection, "IP address allowlist and denylist".
"""

from poolkeeper.call import Call
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.protection import ENFORCED, protection_of
from poolkeeper.risk.networks import lists_of


def is_blocked(call: Call, pool: Pool, client: Client) -> bool:
    """Say whether the caller's address is blocked, whatever they ask for."""
    protection = protection_of(pool, client)
    if protection is None or protection.mode != ENFORCED:
        return False
    return lists_of(*protection.ranges).naming(call.address) == "blocked"
