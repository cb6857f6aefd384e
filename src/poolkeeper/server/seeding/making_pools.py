"""How do user pools and app clients of a seed file come to be, with what later operations set? What is there stays as it is."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from poolkeeper.call import Call
from poolkeeper.lookup import require_pool
from poolkeeper.model.mfa_rules import with_mfa_config
from poolkeeper.model.pool_rules import new_pool_document
from poolkeeper.operations import chosen_ids
from poolkeeper.operations.cognito_idp import log_delivery, session_settings
from poolkeeper.operations.cognito_idp.clients import create_user_pool_client
from poolkeeper.operations.cognito_idp.pool_settings import set_user_pool_mfa_config
from poolkeeper.operations.cognito_idp.pools import create_user_pool
from poolkeeper.operations.pool_documents import within_tier
from poolkeeper.server.seeding.reading import Entry, SeedError, StillGoing, gathered, in_pool
from poolkeeper.store import clients, pools


async def _pool(call: Call, pool_id: str, entry: Entry) -> bool:
    """Make a pool with its second factors, sessions and logs. Raises SeedError with what it does not take, before it is made."""
    chosen_ids.require_pool_id(pool_id, region=call.region)
    if await pools.find(call.db, pool_id) is not None:
        return False
    if await pools.was_ever(call.db, pool_id):
        raise StillGoing(f"pool {pool_id}")
    mfa, sessions, logs = (later and replace(later, user_pool_id=pool_id) for later in entry.later)
    # CreateUserPool knows no factor but SMS: where others are said, what is asked of people is set with them.
    request = entry.request if mfa is None else replace(entry.request, mfa_configuration=None)
    _check(call, pool_id, request, mfa, sessions, logs)
    await create_user_pool(call, request, chosen_id=pool_id)
    if mfa is not None:
        await set_user_pool_mfa_config(call, mfa)
    if sessions is not None:
        await session_settings.set_user_pool_session_configuration(call, sessions)
    if logs is not None:
        await log_delivery.set_log_delivery_configuration(call, logs)
    return True


def _check(call: Call, pool_id: str, request: Any, mfa: Any, sessions: Any, logs: Any) -> None:
    """Raise SeedError with all that would be refused of a pool after it is made: one that was half made would stay so."""
    document, faults = within_tier(call, new_pool_document(msgspec.to_builtins(request))), list[str]()
    with gathered(faults):
        if mfa is not None:
            document = within_tier(call, with_mfa_config(document, msgspec.to_builtins(mfa)))
    with gathered(faults):
        if sessions is not None:
            document = session_settings.with_sessions(call, document, sessions)
    with gathered(faults):
        if logs is not None:
            given = msgspec.to_builtins(logs.log_configurations)
            log_delivery.require_deliverable(call, pool_id, given, region=call.region)
            log_delivery.require_in_tier(call, given, document)
    if faults:
        raise SeedError(faults)


async def _client(call: Call, pool_id: str, entry: Entry) -> bool:
    """Make an app client with its sessions, which need a pool that tracks them."""
    client_id = str(entry.own["id"])
    chosen_ids.require_client_id(client_id)
    owner = await clients.pool_of(call.db, client_id)
    if owner == pool_id:
        return False
    if owner is not None and await pools.find(call.db, owner) is None:
        raise StillGoing(f"app client {client_id}")
    (sessions,) = entry.later
    if sessions is not None:
        session_settings.require_tracked(await require_pool(call, pool_id))
    await create_user_pool_client(call, in_pool(entry, pool_id), chosen_id=client_id)
    if sessions is not None:
        client_sessions = replace(sessions, user_pool_id=pool_id, client_id=client_id)
        await session_settings.set_user_pool_client_session_configuration(call, client_sessions)
    return True


MAKES: Mapping[str, Callable[[Call, str, Entry], Awaitable[bool]]] = {"user_pools": _pool, "clients": _client}
