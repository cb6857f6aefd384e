"""DescribeIdentity, ListIdentities, DeleteIdentities, UnlinkIdentity: the identities of a pool, one by one and as a list."""

from poolkeeper.aws.generated.cognito_identity import (
    DeleteIdentitiesInput,
    DeleteIdentitiesResponse,
    DescribeIdentityInput,
    IdentityDescription,
    ListIdentitiesInput,
    ListIdentitiesResponse,
    UnlinkIdentityInput,
    UnprocessedIdentityId,
)
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities.logins import provider_named, verified
from poolkeeper.identities.pools import pool_of_identity, require_identity, require_pool, require_pool_of
from poolkeeper.operations.paging import PageRequest
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import identities
from poolkeeper.store.db import Conflict, Transaction


async def describe_identity(call: Call, req: DescribeIdentityInput) -> IdentityDescription:
    """Return an identity with the names of its providers, as the pool is configured. Raises ResourceNotFoundException."""
    pool = await require_pool_of(call, req.identity_id)
    identity = await require_identity(call.db, pool, req.identity_id)
    identity_key = {"identity_pool_id": pool.identity_pool_id, "identity_id": identity.identity_id}
    names = [pool.name_of(login.provider) for login in await identities.logins_of(call.db, **identity_key)]
    if pool.developer_provider and await identities.developer_links_of(call.db, **identity_key, after="", limit=1):
        names.append(pool.developer_provider)
    return IdentityDescription(
        identity_id=identity.identity_id,
        logins=names or None,
        creation_date=seconds(identity.created_at),
        last_modified_date=seconds(identity.updated_at),
    )


async def list_identities(call: Call, req: ListIdentitiesInput) -> ListIdentitiesResponse:
    """Return the identities of a pool, a page at a time, in the order of their ids. Raises ResourceNotFoundException."""
    pool = await require_pool(call, req.identity_pool_id)
    hide_disabled = bool(req.hide_disabled)
    listing = f"ListIdentities {pool.identity_pool_id} {hide_disabled}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results)
    rows = await identities.page(
        call.db,
        identity_pool_id=pool.identity_pool_id,
        hide_disabled=hide_disabled,
        after=wanted.after(),
        limit=wanted.limit,
    )
    page = wanted.cut(rows, lambda identity: identity.identity_id)
    names: dict[str, list[str]] = {identity.identity_id: [] for identity in page.items}
    if page.items:
        bounds = {"first": page.items[0].identity_id, "last": page.items[-1].identity_id}
        between = {"identity_pool_id": pool.identity_pool_id, **bounds}
        for identity_id, provider in await identities.logins_between(call.db, **between):
            names.get(identity_id, []).append(pool.name_of(provider))
        for identity_id in await identities.developed_between(call.db, **between) if pool.developer_provider else ():
            names.get(identity_id, []).append(pool.developer_provider or "")
    return ListIdentitiesResponse(
        identity_pool_id=pool.identity_pool_id,
        identities=[
            IdentityDescription(
                identity_id=identity.identity_id,
                logins=names[identity.identity_id] or None,
                creation_date=seconds(identity.created_at),
                last_modified_date=seconds(identity.updated_at),
            )
            for identity in page.items
        ],
        next_token=page.token,
    )


async def delete_identities(call: Call, req: DeleteIdentitiesInput) -> DeleteIdentitiesResponse:
    """Remove identities of any pool here; ids of no pool are returned, those that are gone already are not."""
    unprocessed = []
    for identity_id in dict.fromkeys(req.identity_ids_to_delete):
        pool = await pool_of_identity(call, identity_id)
        if pool is None:
            unprocessed.append(UnprocessedIdentityId(identity_id=identity_id, error_code="AccessDenied"))
            continue
        identity_key = {"identity_pool_id": pool.identity_pool_id, "identity_id": identity_id}

        async def body(tx: Transaction, identity_key: dict[str, str] = identity_key) -> None:
            await identities.delete(tx, **identity_key)

        await call.db.write(body)
    return DeleteIdentitiesResponse(unprocessed_identity_ids=unprocessed)


async def unlink_identity(call: Call, req: UnlinkIdentityInput) -> None:
    """Unlink logins from an identity, for a caller who proves one of its logins; a removed login gets a new identity.

    Raises NotAuthorizedException, ResourceNotFoundException, ExternalServiceException.
    """
    pool = await require_pool_of(call, req.identity_id)
    logins = await verified(call, pool, req.logins)
    removed = {provider_named(call.settings, pool, name) for name in req.logins_to_remove}

    async def body(tx: Transaction) -> None:
        identity = await require_identity(tx, pool, req.identity_id)
        identity_key = {"identity_pool_id": pool.identity_pool_id, "identity_id": identity.identity_id}
        own_logins = {(login.provider, login.subject) for login in await identities.logins_of(tx, **identity_key)}
        if own_logins.isdisjoint((login.provider, login.subject) for login in logins):
            raise refused(Reason.NOT_ITS_LOGIN)
        for provider in sorted(removed):
            await identities.unlink(tx, **identity_key, provider=provider)
        if not await identities.note_change(tx, identity_pool_id=pool.identity_pool_id, seen=identity, now=call.now):
            raise Conflict

    await call.db.write(body)
