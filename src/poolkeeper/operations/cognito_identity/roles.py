"""GetIdentityPoolRoles, SetIdentityPoolRoles: which roles identities get, and by which rules."""

from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_identity import (
    GetIdentityPoolRolesInput,
    GetIdentityPoolRolesResponse,
    SetIdentityPoolRolesInput,
)
from poolkeeper.call import Call
from poolkeeper.identities.pools import require_pool
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.model.identity_pool_rules import require_mappings
from poolkeeper.operations.identity_pool_answers import changed, encoded
from poolkeeper.store import identity_pools
from poolkeeper.store.db import Transaction


async def get_identity_pool_roles(call: Call, req: GetIdentityPoolRolesInput) -> GetIdentityPoolRolesResponse:
    """Return roles and role mappings as they were set. Raises ResourceNotFoundException."""
    pool = await require_pool(call, req.identity_pool_id)
    answer: dict[str, Any] = {"IdentityPoolId": pool.identity_pool_id}
    if pool.roles:
        answer["Roles"] = dict(pool.roles)
    if pool.mappings:
        answer["RoleMappings"] = dict(pool.mappings)
    return msgspec.convert(answer, GetIdentityPoolRolesResponse)


async def set_identity_pool_roles(call: Call, req: SetIdentityPoolRolesInput) -> None:
    """Replace roles and role mappings. Whether the caller may pass these roles on is judged before (iam:PassRole).

    Raises InvalidParameterException, ResourceNotFoundException, ConcurrentModificationException.
    """
    settings = msgspec.to_builtins(req)
    mappings = settings.get("RoleMappings", {})
    roles = {"Roles": settings["Roles"], "RoleMappings": mappings}

    async def replace(tx: Transaction, pool: IdentityPool) -> int:
        require_mappings(mappings, pool.mapping_keys)
        return await identity_pools.replace_roles(
            tx,
            identity_pool_id=pool.identity_pool_id,
            expected_version=pool.version,
            roles=encoded(roles),
            now=call.now,
        )

    await changed(call, req.identity_pool_id, replace)
