"""What may a back end do for its users? Look up, merge and unlink their names under the pool's developer provider.

Whoever signs the request speaks for all users of the back end, and needs no proof from a user (identity-security.md 1.6).
"""

from collections.abc import Sequence

from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, ResourceConflictException, ResourceNotFoundException
from poolkeeper.identities.linking import merge, require_few_developer_links
from poolkeeper.identities.pools import require_identity
from poolkeeper.model.identity import Identity
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.store import identities
from poolkeeper.store.db import Conflict, Reader, Transaction


def methods_of(pool: IdentityPool, user: str) -> tuple[str, str]:
    """Return the members of `amr` for a back end's user (identity-security.md 1.5)."""
    return pool.developer_provider or "", f"{pool.developer_provider}:{pool.identity_pool_id}:{user}"


def user_in(pool: IdentityPool, amr: Sequence[str]) -> str | None:
    """Return the back end's user whom `amr` names, None where it names none of this pool's."""
    _, beginning = methods_of(pool, "")
    users = (method.removeprefix(beginning) for method in amr if method.startswith(beginning))
    return next(users, None) if pool.developer_provider is not None else None


def require_provider(pool: IdentityPool, name: str) -> None:
    """Raise InvalidParameterException unless the pool has this developer provider."""
    if pool.developer_provider is None or name != pool.developer_provider:
        # UNVERIFIED: the words; a name that the pool does not have against AWS would settle them.
        raise InvalidParameterException(f"{name} is not the developer provider of this identity pool.")


async def require_user(reader: Reader, pool: IdentityPool, developer_user_identifier: str) -> Identity:
    """Return the identity of a back end's user; raises ResourceNotFoundException."""
    identity = await identities.of_developer(
        reader, identity_pool_id=pool.identity_pool_id, developer_user_identifier=developer_user_identifier
    )
    if identity is None:
        # UNVERIFIED: the words; LookupDeveloperIdentity of a user that is not there would settle them.
        raise ResourceNotFoundException("Developer user identifier not found.")
    return identity


async def looked_up(call: Call, pool: IdentityPool, *, identity_id: str | None, user: str | None) -> Identity:
    """Return the identity that an id, a back end's user or both lead to.

    Raises InvalidParameterException for neither, ResourceConflictException where they lead to two, ResourceNotFoundException.
    """
    if user is None and identity_id is None:
        raise InvalidParameterException("Either IdentityId or DeveloperUserIdentifier is required.")
    identity = None if user is None else await require_user(call.db, pool, user)
    if identity_id is not None and identity is not None and identity.identity_id != identity_id:
        # UNVERIFIED: the words; such a request against AWS would settle them.
        raise ResourceConflictException("The developer user is registered with another identity.")
    return identity or await require_identity(call.db, pool, identity_id or "")


async def merged(call: Call, pool: IdentityPool, *, source_user: str, destination_user: str) -> str:
    """Merge the identity of one user of a back end into another user's; two users of the same identity stay as they are.

    Raises ResourceNotFoundException, ResourceConflictException where both have a login of one provider.
    """

    async def body(tx: Transaction) -> str:
        source = await require_user(tx, pool, source_user)
        destination = await require_user(tx, pool, destination_user)
        if source.identity_id != destination.identity_id:
            pool_key = {"identity_pool_id": pool.identity_pool_id}
            await merge(tx, **pool_key, source=source, destination=destination, now=call.now)
            await require_few_developer_links(tx, **pool_key, identity_id=destination.identity_id)
            if not await identities.note_change(tx, **pool_key, seen=destination, now=call.now):
                raise Conflict
        return destination.identity_id

    return await call.db.write(body)


async def unlink(call: Call, pool: IdentityPool, *, identity_id: str, user: str) -> None:
    """Unlink a back end's user from an identity; nobody can reach an identity without any login.

    Raises ResourceNotFoundException, ResourceConflictException where the user is another identity.
    """

    async def body(tx: Transaction) -> None:
        identity = await require_user(tx, pool, user)
        if identity.identity_id != identity_id:
            raise ResourceConflictException("The developer user is registered with another identity.")
        pool_key = {"identity_pool_id": pool.identity_pool_id}
        await identities.unlink_developer(tx, **pool_key, developer_user_identifier=user, identity_id=identity_id)
        if not await identities.note_change(tx, **pool_key, seen=identity, now=call.now):
            raise Conflict

    await call.db.write(body)
