"""UpdateUserPool, AddCustomAttributes, GetUserPoolMfaConfig, SetUserPoolMfaConfig: the settings of a pool."""

from collections.abc import Mapping
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
from poolkeeper.lookup import require_pool
from poolkeeper.model.mfa_rules import mfa_config, with_mfa_config
from poolkeeper.model.pool_rules import updated_pool_document
from poolkeeper.model.schema_rules import added_schema
from poolkeeper.operations.pool_documents import amend, replace, within_tier


async def update_user_pool(call: Call, req: UpdateUserPoolRequest) -> UpdateUserPoolResponse:
    """Change the settings of a pool: what is left out stays, except for a few members (model/pool_rules.py).

    Raises ConcurrentModificationException where another request changed the pool at the same time.
    """
    pool = await require_pool(call, req.user_pool_id)
    document = within_tier(call, updated_pool_document(msgspec.to_builtins(req), pool.document))
    await replace(call, pool, document)
    return UpdateUserPoolResponse()


async def add_custom_attributes(call: Call, req: AddCustomAttributesRequest) -> AddCustomAttributesResponse:
    """Add custom attributes to a pool's schema, all of them or none; none can ever be removed or changed."""
    custom_attributes = msgspec.to_builtins(req.custom_attributes)

    def extended(document: Mapping[str, Any]) -> dict[str, Any]:
        return {**document, "SchemaAttributes": added_schema(document["SchemaAttributes"], custom_attributes)}

    await amend(call, req.user_pool_id, extended)
    return AddCustomAttributesResponse()


async def get_user_pool_mfa_config(call: Call, req: GetUserPoolMfaConfigRequest) -> GetUserPoolMfaConfigResponse:
    """Return whether a pool asks for a second factor, and the factors that are configured."""
    pool = await require_pool(call, req.user_pool_id)
    return msgspec.convert(mfa_config(pool.document), GetUserPoolMfaConfigResponse)


async def set_user_pool_mfa_config(call: Call, req: SetUserPoolMfaConfigRequest) -> SetUserPoolMfaConfigResponse:
    """Replace the MFA settings of a pool and return them; an omitted MfaConfiguration turns MFA off.

    Raises ConcurrentModificationException where another request changed the pool at the same time.
    """
    pool = await require_pool(call, req.user_pool_id)
    document = within_tier(call, with_mfa_config(pool.document, msgspec.to_builtins(req)))
    await replace(call, pool, document)
    return msgspec.convert(mfa_config(document), SetUserPoolMfaConfigResponse)
