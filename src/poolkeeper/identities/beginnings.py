"""What does a call for an identity read first? Its pool; with a single login of a user pool here, all rows in one round trip.

The login's token is read before it is verified, to know which rows to ask for. Rows that were read for a token are not used
before the token is verified.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from poolkeeper.call import Call
from poolkeeper.errors import ServiceError
from poolkeeper.identities import pools, user_pool_logins
from poolkeeper.identities.login import VerifiedLogin
from poolkeeper.identities.user_pool_logins import Claim
from poolkeeper.lookup import pool_at
from poolkeeper.model.iam import Entity
from poolkeeper.model.identity import Identity
from poolkeeper.model.identity_pool import AUTHENTICATED, IdentityPool, provider_of_pool
from poolkeeper.model.pool import POOL_ID
from poolkeeper.rights import roles
from poolkeeper.store import identity_beginnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The identity pool of a call, and the rows that were read with it for a single login of a user pool here.

    `claim` is what the login's token claims, `identity` the identity that is linked to the claimed subject at `provider`. They
    are None where the call has several logins, another one or none, or where there is no such row. `role` is IAM's role of
    `role_arn`, which is read where a call for credentials is likely to need it.
    """

    pool: IdentityPool
    claim: Claim | None = None
    provider: str = ""
    identity: Identity | None = None
    role_arn: str = ""
    role: Entity | None = None

    def identity_of(self, logins: Sequence[VerifiedLogin]) -> Identity | None:
        """Return the identity that was read, if it belongs to exactly these verified logins."""
        read_for = None if self.claim is None else [(self.provider, self.claim.claims.sub)]
        return self.identity if read_for == [(login.provider, login.subject) for login in logins] else None

    async def find_role(self, call: Call, role_arn: str) -> Entity | None:
        """Return the role that has an ARN, None where IAM holds none."""
        return self.role if role_arn == self.role_arn else await roles.find_role(call.house, role_arn)


async def of_pool(call: Call, identity_pool_id: str, logins: Mapping[str, str]) -> Beginning:
    """Begin a call that names its identity pool; raises ResourceNotFoundException."""
    beginning = await _read(call, identity_pool_id, logins)
    if beginning is None:
        raise pools.unknown_pool(identity_pool_id)
    call.trace.pool_id = identity_pool_id
    return beginning


async def of_identity(call: Call, identity_id: str, logins: Mapping[str, str], *, with_role: bool = False) -> Beginning:
    """Begin a call that names an identity, whose id names its pool too; raises ResourceNotFoundException."""
    identity_pool_id = await pools.pool_id_of(call, identity_id)
    pool_in_memory = call.house.memory.identity_pools.get(identity_pool_id or "") if with_role else None
    role_arn = "" if pool_in_memory is None else pool_in_memory.roles.get(AUTHENTICATED, "")
    beginning = None if identity_pool_id is None else await _read(call, identity_pool_id, logins, role_arn)
    if beginning is None:
        raise pools.unknown_identity(identity_id)
    return beginning


async def _read(call: Call, identity_pool_id: str, logins: Mapping[str, str], role_arn: str = "") -> Beginning | None:
    user_pool_id, claim = _only_claim(call, logins)
    if claim is None:
        pool = await pools.find_pool(call.house, identity_pool_id)
        return None if pool is None else Beginning(pool=pool)
    provider = provider_of_pool(user_pool_id)
    row = await identity_beginnings.of_login(
        call.db,
        identity_pool_id=identity_pool_id,
        user_pool_id=user_pool_id,
        provider=provider,
        subject=claim.claims.sub,
        role_name=roles.name_in(role_arn),
    )
    pool = await pools.pool_at(call.house, identity_pool_id, None if row is None else row.identity_pool)
    if row is None or pool is None:
        return None
    if row.user_pool is not None:
        claim = replace(claim, pool=await pool_at(call.house, user_pool_id, row.user_pool))
    return Beginning(
        pool=pool,
        claim=claim,
        provider=provider,
        identity=row.identity,
        role_arn=role_arn,
        role=roles.role_of(call.house, role_arn, row.role),
    )


def _only_claim(call: Call, logins: Mapping[str, str]) -> tuple[str, Claim | None]:
    """Return the user pool and the claim of a request's only login; no claim for several logins or one of another provider."""
    if len(logins) != 1:
        return "", None
    [(name, token)] = logins.items()
    user_pool_id = user_pool_logins.pool_id_named(call.settings, name)
    if user_pool_id is None or not POOL_ID.fullmatch(user_pool_id):
        return "", None
    try:
        return user_pool_id, user_pool_logins.read(token)
    except ServiceError:  # The token is read again, and refused, once the pools are known.
        return "", None
