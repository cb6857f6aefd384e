"""GetPrincipalTagAttributeMap, SetPrincipalTagAttributeMap: which claims of a provider become session tags."""

from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_identity import (
    GetPrincipalTagAttributeMapInput,
    GetPrincipalTagAttributeMapResponse,
    SetPrincipalTagAttributeMapInput,
    SetPrincipalTagAttributeMapResponse,
)
from poolkeeper.call import Call
from poolkeeper.identities.pools import require_pool
from poolkeeper.identities.principal_tags import require_keys
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.operations.identity_pool_answers import changed, encoded
from poolkeeper.store import identity_pools
from poolkeeper.store.db import Transaction


async def get_principal_tag_attribute_map(
    call: Call, req: GetPrincipalTagAttributeMapInput
) -> GetPrincipalTagAttributeMapResponse:
    """Return the map of a provider, an empty one where none was set. Raises ResourceNotFoundException."""
    pool = await require_pool(call, req.identity_pool_id)
    return msgspec.convert(_described(pool, req.identity_provider_name), GetPrincipalTagAttributeMapResponse)


async def set_principal_tag_attribute_map(
    call: Call, req: SetPrincipalTagAttributeMapInput
) -> SetPrincipalTagAttributeMapResponse:
    """Replace the map of a provider: AWS's default, one of tag keys to claims, or both, as Terraform sends them.

    Raises InvalidParameterException, ResourceNotFoundException, ConcurrentModificationException.
    """
    claims_by_tag = req.principal_tags or {}
    require_keys(claims_by_tag)
    mapping = {"UseDefaults": bool(req.use_defaults), "PrincipalTags": claims_by_tag}

    async def replace(tx: Transaction, pool: IdentityPool) -> int:
        return await identity_pools.replace_principal_tags(
            tx,
            identity_pool_id=pool.identity_pool_id,
            expected_version=pool.version,
            principal_tags=encoded({**pool.principal_tags, req.identity_provider_name: mapping}),
            now=call.now,
        )

    pool = await changed(call, req.identity_pool_id, replace)
    return msgspec.convert(_described(pool, req.identity_provider_name), SetPrincipalTagAttributeMapResponse)


def _described(pool: IdentityPool, provider: str) -> dict[str, Any]:
    # UNVERIFIED: what AWS answers of a provider that nothing was set for.
    mapping = pool.principal_tags.get(provider, {"UseDefaults": False, "PrincipalTags": {}})
    return {"IdentityPoolId": pool.identity_pool_id, "IdentityProviderName": provider, **mapping}
