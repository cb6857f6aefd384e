"""Get and SetUserPoolSessionConfiguration, Get and SetUserPoolClientSessionConfiguration: whether sessions are tracked."""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    GetUserPoolClientSessionConfigurationRequest,
    GetUserPoolClientSessionConfigurationResponse,
    GetUserPoolSessionConfigurationRequest,
    GetUserPoolSessionConfigurationResponse,
    SetUserPoolClientSessionConfigurationRequest,
    SetUserPoolClientSessionConfigurationResponse,
    SetUserPoolSessionConfigurationRequest,
    SetUserPoolSessionConfigurationResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import OperationNotEnabledException
from poolkeeper.lookup import require_client_of, require_pool, unknown_pool
from poolkeeper.model.pool import Pool
from poolkeeper.operations import client_documents
from poolkeeper.operations.pool_documents import amend, within_tier
from poolkeeper.store import pools
from poolkeeper.store.db import Conflict, Transaction

# The member of the documents of pools and app clients that holds these settings, and the defaults where it is missing.
_SETTING = "SessionConfiguration"
_LONGEST = "longest_sso_minutes"
_OF_POOL = {"UserSessionTracking": "DISABLED", "TokenSession": {"MaxPerUser": 20}}
_OF_CLIENT = {"SSOSession": {"MaxValidityMinutes": 60}}


async def get_user_pool_session_configuration(
    call: Call, req: GetUserPoolSessionConfigurationRequest
) -> GetUserPoolSessionConfigurationResponse:
    """Return whether a pool tracks sessions, and how many token sessions a user may have."""
    pool = await require_pool(call, req.user_pool_id)
    configuration = {"UserPoolId": pool.pool_id, **pool.document.get(_SETTING, _OF_POOL)}
    return msgspec.convert(configuration, GetUserPoolSessionConfigurationResponse)


async def set_user_pool_session_configuration(
    call: Call, req: SetUserPoolSessionConfigurationRequest
) -> SetUserPoolSessionConfigurationResponse:
    """Replace a pool's settings for sessions. A lower limit takes effect for each user at the next sign-in.

    All settings are replaced together, so of two concurrent calls the later one counts, and neither undoes another change
    of the pool.
    """
    settings = _without_ids(req)
    await amend(call, req.user_pool_id, lambda document: with_sessions(call, document, req))
    return msgspec.convert({"UserPoolId": req.user_pool_id, **settings}, SetUserPoolSessionConfigurationResponse)


def with_sessions(
    call: Call, document: Mapping[str, Any], req: SetUserPoolSessionConfigurationRequest
) -> dict[str, Any]:
    """Return a pool's document with these settings. Raises FeatureUnavailableInTierException."""
    return within_tier(call, {**document, _SETTING: _without_ids(req)})


async def get_user_pool_client_session_configuration(
    call: Call, req: GetUserPoolClientSessionConfigurationRequest
) -> GetUserPoolClientSessionConfigurationResponse:
    """Return for how long an app client uses an SSO session, also while the pool does not track sessions."""
    _, client = await require_client_of(call, req.user_pool_id, req.client_id)
    ids = {"UserPoolId": client.pool_id, "ClientId": client.client_id}
    return msgspec.convert(
        {**ids, **client.document.get(_SETTING, _OF_CLIENT)}, GetUserPoolClientSessionConfigurationResponse
    )


async def set_user_pool_client_session_configuration(
    call: Call, req: SetUserPoolClientSessionConfigurationRequest
) -> SetUserPoolClientSessionConfigurationResponse:
    """Replace for how many minutes an app client uses an SSO session.

    Raises OperationNotEnabledException while the pool does not track sessions; former settings are kept (AWS:
    SetUserPoolSessionConfiguration).
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    require_tracked(pool)
    settings = _without_ids(req)
    await _set_of_client(call, pool.pool_id, client.client_id, settings)
    ids = {"UserPoolId": pool.pool_id, "ClientId": client.client_id}
    return msgspec.convert({**ids, **settings}, SetUserPoolClientSessionConfigurationResponse)


def require_tracked(pool: Pool) -> None:
    """Raise OperationNotEnabledException for a pool that tracks no sessions."""
    if pool.tracking is None:
        # UNVERIFIED: name and words; one call for a pool that tracks no sessions against AWS would settle them.
        raise OperationNotEnabledException("Session tracking is not enabled for this user pool.")


def _without_ids(req: msgspec.Struct) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(req)
    return {name: value for name, value in members.items() if name not in ("UserPoolId", "ClientId")}


async def _set_of_client(call: Call, pool_id: str, client_id: str, settings: dict[str, Any]) -> None:
    """Put the settings in the client's document as it is at that moment, so that concurrent changes are all kept."""

    async def body(tx: Transaction) -> None:
        await client_documents.amend(tx, call, pool_id, client_id, lambda document: {**document, _SETTING: settings})
        await _remember_longest(call, tx, pool_id, settings["SSOSession"]["MaxValidityMinutes"])

    await call.db.write(body)


async def _remember_longest(call: Call, tx: Transaction, pool_id: str, minutes: int) -> None:
    """Record the longest time of any app client of a pool: browser sessions are kept for so long from now on."""
    row = await pools.find(tx, pool_id)
    if row is None:
        raise unknown_pool(pool_id)
    preferences = msgspec.json.decode(row.preferences)
    if minutes <= preferences.get(_LONGEST, 0):
        return
    changed = await pools.replace_preferences(
        tx,
        pool_id=pool_id,
        preferences=msgspec.json.encode({**preferences, _LONGEST: minutes}).decode(),
        expected_version=row.version,
        now=call.now,
    )
    if changed != 1:
        raise Conflict
