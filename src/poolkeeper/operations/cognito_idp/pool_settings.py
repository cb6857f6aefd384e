"""UpdateUserPool, AddCustomAttributes, GetUserPoolMfaConfig, SetUserPoolMfaConfig: what a pool is set to."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    AddCustomAttributesRequest,
    AddCustomAttributesResponse,
    GetUserPoolMfaConfigRequest,
    GetUserPoolMfaConfigResponse,
    SetUserPoolMfaConfigRequest,
    SetUserPoolMfaConfigResponse,
    UpdateUserPoolRequest,
    UpdateUserPoolResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import ConcurrentModificationException, ResourceNotFoundException
from poolkeeper.lookup import require_pool
from poolkeeper.model.mfa_rules import mfa_config, with_mfa_config
from poolkeeper.model.pool import Pool
from poolkeeper.model.pool_rules import updated_pool_document
from poolkeeper.model.schema_rules import extended_schema
from poolkeeper.store import pools
from poolkeeper.store.db import Conflict, Transaction


async def update_user_pool(call: Call, req: UpdateUserPoolRequest) -> UpdateUserPoolResponse:
    """Replace the settings of a pool: what is left out goes back to its default.

    What is fixed at creation stays, and so do the few members that an update leaves alone (model/pool_rules.py). Raises
    ConcurrentModificationException where somebody else changed the pool at the same time.
    """
    pool = await require_pool(call, req.user_pool_id)
    await _replace(call, pool, updated_pool_document(msgspec.to_builtins(req), pool.document))
    return UpdateUserPoolResponse()


async def add_custom_attributes(call: Call, req: AddCustomAttributesRequest) -> AddCustomAttributesResponse:
    """Add custom attributes to a pool's schema, all of them or none; none can ever be removed or changed."""
    given = msgspec.to_builtins(req.custom_attributes)

    def extended(document: Mapping[str, Any]) -> dict[str, Any]:
        return {**document, "SchemaAttributes": extended_schema(document["SchemaAttributes"], given)}

    await amend(call, req.user_pool_id, extended)
    return AddCustomAttributesResponse()


async def get_user_pool_mfa_config(call: Call, req: GetUserPoolMfaConfigRequest) -> GetUserPoolMfaConfigResponse:
    """Return whether a pool asks for a second factor, and the factors that are configured."""
    pool = await require_pool(call, req.user_pool_id)
    return msgspec.convert(mfa_config(pool.document), GetUserPoolMfaConfigResponse)


async def set_user_pool_mfa_config(call: Call, req: SetUserPoolMfaConfigRequest) -> SetUserPoolMfaConfigResponse:
    """Replace the MFA settings of a pool and return them; an omitted MfaConfiguration turns MFA off.

    Raises ConcurrentModificationException where somebody else changed the pool at the same time.
    """
    pool = await require_pool(call, req.user_pool_id)
    document = with_mfa_config(pool.document, msgspec.to_builtins(req))
    await _replace(call, pool, document)
    return msgspec.convert(mfa_config(document), SetUserPoolMfaConfigResponse)


async def amend(call: Call, pool_id: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Change the settings of a pool by what they are at that moment, so that changes at once all stand.

    `change` may run again. Raises ResourceNotFoundException, and whatever `change` raises.
    """

    async def body(tx: Transaction) -> None:
        row = await pools.find(tx, pool_id)
        if row is None:
            raise ResourceNotFoundException(f"User pool {pool_id} does not exist.")
        if await _store(tx, call, pool_id, change(msgspec.json.decode(row[3])), expected_version=row[2]) != 1:
            raise Conflict

    await call.db.write(body)


async def _replace(call: Call, pool: Pool, document: Mapping[str, Any]) -> None:
    async def body(tx: Transaction) -> int:
        return await _store(tx, call, pool.pool_id, document, expected_version=pool.version)

    if await call.db.write(body) != 1:
        # UNVERIFIED: the words; two updates of one pool at once against AWS would settle them.
        raise ConcurrentModificationException("The user pool was changed at the same time. Try again.")


async def _store(
    tx: Transaction, call: Call, pool_id: str, document: Mapping[str, Any], *, expected_version: int
) -> int:
    return await pools.replace(
        tx,
        pool_id=pool_id,
        name=document["Name"],
        document=msgspec.json.encode(document).decode(),
        expected_version=expected_version,
        now=call.now,
    )
