"""How do looks, threat protection and policies of apps' addresses come to a pool of a seed file? What is there stays."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from poolkeeper.branding import documents
from poolkeeper.branding.looks import FOR_ALL
from poolkeeper.call import Call
from poolkeeper.lookup import require_client_of, require_pool
from poolkeeper.model import protection
from poolkeeper.operations.cognito_idp import brandings, ui_customizations
from poolkeeper.operations.cognito_idp.cimd_policies import create_cimd_policy
from poolkeeper.operations.cognito_idp.risk_settings import set_risk_configuration
from poolkeeper.operations.guards import require_protection
from poolkeeper.server.seeding.reading import Entry, SeedError, gathered, in_pool
from poolkeeper.store import brandings as looks
from poolkeeper.store import cimd_policies
from poolkeeper.tokens.url_clients import MOST_POLICIES


async def _branding(call: Call, pool_id: str, entry: Entry) -> bool:
    """Give an app client a style, unless it has one. Raises SeedError with all that is wrong with settings and pictures."""
    request = in_pool(entry, pool_id)
    if request.client_id in await looks.by_client(call.db, pool_id):
        return False
    settings = bytes(request.settings or b"")
    faults = [] if not settings else [fault.message for fault in documents.faults(settings)]
    for asset in request.assets or ():
        with gathered(faults):
            await brandings.picture(call, asset)
    if faults:
        raise SeedError(faults)
    await brandings.create_managed_login_branding(call, request)
    return True


async def _customization(call: Call, pool_id: str, entry: Entry) -> bool:
    """Give an app client, or all, the classic look, unless there is one. Raises SeedError with all that is wrong with it."""
    request, client_id = in_pool(entry, pool_id), entry.request.client_id or FOR_ALL
    if await looks.customization(call.db, pool_id=pool_id, client_id=client_id) is not None:
        return False
    pool, faults = await require_pool(call, pool_id), list[str]()
    with gathered(faults):
        ui_customizations.require_domain(pool)
    with gathered(faults):
        if request.css:
            await ui_customizations.require_harmless(call, pool, client_id, request.css)
    with gathered(faults):
        if request.image_file:
            ui_customizations.kind_of(request.image_file)
    if faults:
        raise SeedError(faults)
    await ui_customizations.set_ui_customization(call, request)
    return True


async def _risk_configuration(call: Call, pool_id: str, entry: Entry) -> bool:
    """Say what a pool or an app client does about risk, unless that is said. Raises SeedError with all that is wrong."""
    request = in_pool(entry, pool_id)
    if request.client_id is None:
        pool = await require_pool(call, pool_id)
        document = pool.document
    else:
        pool, client = await require_client_of(call, pool_id, request.client_id)
        document = client.document
    if protection.SETTING in document:
        return False
    faults: list[str] = []
    with gathered(faults):
        require_protection(pool)
    faults += [fault.message for fault in protection.faults(msgspec.to_builtins(request))]
    if faults:
        raise SeedError(faults)
    await set_risk_configuration(call, request)
    return True


async def _cimd_policy(call: Call, pool_id: str, entry: Entry) -> bool:
    """Make a policy of apps that name themselves by an address, unless the pool has one of its name."""
    policies = await cimd_policies.of_pool(call.db, pool_id=pool_id, limit=MOST_POLICIES)
    if entry.request.policy_name in {row.name for row in policies}:
        return False
    await create_cimd_policy(call, in_pool(entry, pool_id))
    return True


MAKES: Mapping[str, Callable[[Call, str, Entry], Awaitable[bool]]] = {
    "managed_login_brandings": _branding,
    "ui_customizations": _customization,
    "risk_configurations": _risk_configuration,
    "cimd_policies": _cimd_policy,
}
