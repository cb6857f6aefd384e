"""What do the ids of identity pools and identities look like? A region and a UUID; an identity's leads to its pool.

An identity is often named without its pool. The first 40 bits of its UUID are a hash of the pool's id, so the pool is found
by one row of the directory for each pool, and none for each identity. The other 82 random bits keep a guest's id secret.
"""

import hashlib
import re

# AWS: IdentityPoolId, as new ones are made.
IDENTITY_POOL_ID = re.compile(
    r"(?=.{1,55}\Z)[\w-]{1,18}:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII
)
LONGEST_REGION = 18

_MARK_BYTES = 5


def new_identity_pool_id(region: str, uuid: str) -> str:
    """Return the id of a new identity pool."""
    return f"{region}:{uuid}"


def mark_of(identity_pool_id: str) -> str:
    """Return the ten hexadecimal digits that the ids of a pool's identities begin with, behind the region."""
    return hashlib.sha256(identity_pool_id.encode()).digest()[:_MARK_BYTES].hex()


def new_identity_id(identity_pool_id: str, uuid: str) -> str:
    """Return the id of a new identity of a pool, made of a random UUID: version and variant stay."""
    region, mark = identity_pool_id.partition(":")[0], mark_of(identity_pool_id)
    return f"{region}:{mark[:8]}-{mark[8:]}{uuid[11:]}"


def mark_in(identity_id: str) -> str | None:
    """Return the mark of the pool that an identity's id can be of; None for what is no id of ours."""
    if IDENTITY_POOL_ID.fullmatch(identity_id) is None:
        return None
    uuid = identity_id.partition(":")[2]
    return uuid[:8] + uuid[9:11]


def identity_pool_arn(*, region: str, account_id: str, identity_pool_id: str) -> str:
    """Return the ARN of an identity pool (identity-security.md 1.1)."""
    return f"arn:aws:cognito-identity:{region}:{account_id}:identitypool/{identity_pool_id}"
