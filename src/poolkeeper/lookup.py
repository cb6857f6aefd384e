"""Which pool, client or user is meant? Found by what a caller gave, settings decoded once per version."""

import hashlib
import hmac
from dataclasses import dataclass, field, replace

from poolkeeper.call import Call, House
from poolkeeper.decoding import client_of, group_of, pool_of, session_of, user_of
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.group import Group, Membership
from poolkeeper.model.names import Name
from poolkeeper.model.pool import Pool
from poolkeeper.model.protection import mode_of
from poolkeeper.model.registration import system_scopes
from poolkeeper.model.resource_server import scope_names
from poolkeeper.model.session import Session
from poolkeeper.model.user import User
from poolkeeper.store import beginnings, clients, groups, pools, sessions, users
from poolkeeper.store.db import Reader

# UNVERIFIED: the words; GetGroup of a name that is not there would settle them.
UNKNOWN_GROUP = "Group not found."


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a name means: a user, or the ghost that stands for nobody (userpools.md 7.4).

    `subject_id` is a user's sub, or the ghost's id: an HMAC of the folded name, so that counters, lockout and codes
    run on it through the same functions. `folded` is what `name` is compared by, where the subject was found by a name.
    `memberships` are known where a sign-in was begun by the name, and so is `locked_until` (milliseconds), as it was when
    the name was looked up. `bucket` is where wrong proofs count: the remembered device's key, or empty. `profile` is what
    the user's sign-ins taught, read where a sign-in was begun in a pool with threat protection.
    """

    name: str
    subject_id: str
    user: User | None
    folded: str = ""
    memberships: tuple[Membership, ...] = ()
    locked_until: int = 0
    bucket: str = ""
    profile: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """What a session id leads to, as it is at this moment."""

    pool: Pool
    client: Client
    session: Session
    user: User
    memberships: tuple[Membership, ...]


def unknown_pool(pool_id: str) -> ResourceNotFoundException:
    """Return the error for a user pool that does not exist."""
    return ResourceNotFoundException(f"User pool {pool_id} does not exist.")


def unknown_client(client_id: str) -> ResourceNotFoundException:
    """Return the error for an app client that does not exist, or not in its pool."""
    return ResourceNotFoundException(f"User pool client {client_id} does not exist.")


async def require_pool(call: Call, pool_id: str) -> Pool:
    """Return a pool by its id.

    Raises ResourceNotFoundException, also for a pool that has been deleted.
    """
    version = await pools.version(call.db, pool_id)
    pool = None if version is None else await pool_at(call.house, pool_id, version)
    if pool is None:
        raise unknown_pool(pool_id)
    call.trace.pool_id = pool_id
    return pool


async def find_pool(house: House, pool_id: str) -> Pool | None:
    """Return a pool by its id, None where there is none: for documents that are served without an error of AWS's."""
    version = await pools.version(house.db, pool_id)
    return None if version is None else await pool_at(house, pool_id, version)


async def require_client(call: Call, client_id: str) -> tuple[Pool, Client]:
    """Return an app client and its pool, by the client id alone.

    Raises ResourceNotFoundException.
    """
    pool_id = await _pool_id_of(call, client_id)
    row = await clients.versions(call.db, pool_id, client_id)
    return await _pool_and_client(call, pool_id, client_id, row)


async def require_client_and_scopes(
    call: Call, client_id: str, *, of_pool: str | None = None
) -> tuple[Pool, Client, frozenset[str]]:
    """Return an app client, its pool and the scopes of the pool's resource servers, in one round trip once the pool is known.

    Raises ResourceNotFoundException, also for a client of another pool than `of_pool` where that is given.
    """
    pool_id = await _pool_id_of(call, client_id)
    rows = await clients.versions_and_scopes(call.db, pool_id, client_id)
    versions = clients.Versions(rows[0].pool_version, rows[0].client_version) if rows else None
    pool, client = await _pool_and_client(call, pool_id, client_id, versions)
    if of_pool not in {None, pool_id}:
        raise unknown_client(client_id)
    of_servers = [
        scope_names(row.identifier, row.scopes) for row in rows if row.identifier is not None and row.scopes is not None
    ]
    system = frozenset() if client.registered_itself else system_scopes(pool)
    return pool, client, system.union(*of_servers)


async def require_client_of(call: Call, pool_id: str, client_id: str) -> tuple[Pool, Client]:
    """Return an app client of a given pool, never one of another (attacks.md 34).

    Raises ResourceNotFoundException for the pool first, then for the client.
    """
    pool = await require_pool(call, pool_id)
    row = await clients.versions(call.db, pool_id, client_id)
    if row is None:
        raise unknown_client(client_id)
    return pool, (await _pool_and_client(call, pool_id, client_id, row))[1]


async def require_client_and_subject(
    call: Call, client_id: str, name: str, *, pool_id: str | None = None, device_key: str = ""
) -> tuple[Pool, Client, Subject]:
    """Return an app client, its pool and whom a typed name means there, in one round trip once the pool is known.

    `pool_id` is given by administrators, whose client must be of that pool; `device_key` is the device that a request
    names, which means nothing in a pool that tracks none. Raises ResourceNotFoundException.
    """
    given_pool_id, pool_id = pool_id, pool_id or await _pool_id_of(call, client_id)
    known_pool = call.house.memory.pools.get(pool_id) or await require_pool(call, pool_id)
    named = known_pool.named(name)  # the case rule and the secret of a pool never change
    device_key = "" if known_pool.devices is None else device_key
    beginning = beginnings.by_client_and_name_watched if mode_of(known_pool) else beginnings.by_client_and_name
    row = await beginning(
        call.db, pool_id, client_id, named.key, ghost_id=ghost_id(known_pool, named), device_key=device_key
    )
    if row is None and given_pool_id is not None:
        await require_pool(call, pool_id)
    versions = None if row is None else clients.Versions(row.pool, row.client)
    pool, client = await _pool_and_client(call, pool_id, client_id, versions)
    assert row is not None
    subject = subject_of(pool, named, None if row.user is None else user_of(pool_id, row.user))
    if subject.user is None:
        call.house.ghosts.came(pool_id)
    lock = row.locked_until or 0
    subject = replace(subject, memberships=row.memberships, profile=row.profile)
    return pool, client, replace(subject, locked_until=lock, bucket=row.bucket)


async def require_pool_and_subject(call: Call, pool_id: str, name: str) -> tuple[Pool, Subject]:
    """Return a pool and whom a name means in it.

    Raises ResourceNotFoundException for the pool.
    """
    known_pool = call.house.memory.pools.get(pool_id) or await require_pool(call, pool_id)
    named = known_pool.named(name)
    row = await users.by_name(call.db, pool_id, named.key)
    pool = None if row is None else await pool_at(call.house, pool_id, row.pool)
    if pool is None or row is None:
        raise unknown_pool(pool_id)
    call.trace.pool_id = pool_id
    return pool, subject_of(pool, named, None if row.user is None else user_of(pool_id, row.user))


async def require_pool_and_user(call: Call, pool_id: str, name: str) -> tuple[Pool, User]:
    """Return a pool and the user of a name in it, for administrators, from whom nobody is hidden.

    Raises ResourceNotFoundException for the pool, UserNotFoundException.
    """
    pool, subject = await require_pool_and_subject(call, pool_id, name)
    if subject.user is None:
        raise refused(Reason.UNKNOWN_USER)
    return pool, subject.user


async def user_by_id(call: Call, pool_id: str, user_id: str) -> User | None:
    """Return a user as they are now, by their sub."""
    return await find_user(call.house, pool_id, user_id)


async def find_user(house: House, pool_id: str, user_id: str) -> User | None:
    """Return a user as they are now, by their sub, for work that belongs to no request."""
    row = await users.by_id(house.db, pool_id, user_id)
    return None if row is None else user_of(pool_id, row)


async def bearer(call: Call, pool_id: str, session_id: str) -> Bearer | None:
    """Return the session, its user, pool and client in one round trip; None when any of them is gone."""
    row = await sessions.with_user(call.db, pool_id, session_id)
    if row is None:
        return None
    session = session_of(row.session)
    pool = await pool_at(call.house, pool_id, row.pool)
    client = await _client(call.house, pool_id, session.client_id, row.client)
    if pool is None or client is None:
        return None
    if session.opened_at < client.created_at:  # of another client that had its id before
        return None
    client = _held_to_keys(pool, client.named_by(session.client_url))
    call.trace.pool_id = pool_id
    note_client(call, client)
    user = user_of(pool_id, row.user)
    return Bearer(pool=pool, client=client, session=session, user=user, memberships=row.memberships)


def subject_of(pool: Pool, name: Name, user: User | None) -> Subject:
    """Return the subject that a name means: `user`, or where there is none the ghost of the name."""
    subject_id = ghost_id(pool, name) if user is None else user.sub
    return Subject(name=name.typed, folded=name.folded, subject_id=subject_id, user=user)


def ghost_id(pool: Pool, name: Name) -> str:
    """Return the id of nobody of that name: it looks like a sub and is the same at every call."""
    digits = hmac.digest(pool.secret, b"ghost\x00" + name.key.encode(), hashlib.sha256).hex()
    variant = "89ab"[int(digits[16], 16) % 4]  # each as often as in a sub (RFC 9562 section 4.1)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


async def pool_of_client(house: House, client_id: str) -> str | None:
    """Return the id of the pool of an app client, None where there never was such a client. It may be gone since."""
    memory = house.memory.pool_of_client
    pool_id = memory.get(client_id) or await clients.pool_of(house.db, client_id)
    if pool_id is not None:
        memory.put(client_id, pool_id)
    return pool_id


async def _pool_id_of(call: Call, client_id: str) -> str:
    pool_id = await pool_of_client(call.house, client_id)
    if pool_id is None:
        raise unknown_client(client_id)
    call.trace.pool_id = pool_id
    return pool_id


async def _pool_and_client(
    call: Call, pool_id: str, client_id: str, versions: clients.Versions | None
) -> tuple[Pool, Client]:
    if versions is not None:
        pool = await pool_at(call.house, pool_id, versions.pool)
        client = await _client(call.house, pool_id, client_id, versions.client)
        if pool is not None and client is not None:
            note_client(call, client)
            return pool, _held_to_keys(pool, client)
    raise unknown_client(client_id)


def _held_to_keys(pool: Pool, client: Client) -> Client:
    """Return a client as the pool's operator wants it: with tokens that are bound to a key alone, where that is said."""
    return replace(client, dpop_bound=True) if pool.demands_key_of(client.client_id) else client


def note_client(call: Call, client: Client) -> None:
    """Keep whether a server speaks for its users, and whether it is believed where they are."""
    call.trace.by_back_end, call.trace.propagates = client.confidential, client.propagates


async def pool_at(house: House, pool_id: str, version: int) -> Pool | None:
    """Return the pool at `version` or later, from memory where it is still that version."""
    cached = house.memory.pools.get(pool_id)
    if cached is not None and cached.version == version:
        return cached
    row = await pools.find(house.db, pool_id)
    if row is None:
        return None
    pool = pool_of(house, row)
    # The keys may be those of another pool that had its id before.
    if cached is None or cached.created_at != pool.created_at:
        house.memory.pool_keys.drop(pool_id)
    house.memory.pools.put(pool_id, pool)
    return pool


async def _client(house: House, pool_id: str, client_id: str, version: int) -> Client | None:
    cached = house.memory.clients.get(client_id)
    if cached is not None and cached.version == version and cached.pool_id == pool_id:
        return cached
    row = await clients.find(house.db, pool_id, client_id)
    if row is None:
        return None
    client = client_of(house, row)
    house.memory.clients.put(client_id, client)
    return client


async def require_group(reader: Reader, pool: Pool, group_name: str) -> Group:
    """Return a group of a pool by its name, upper and lower case told apart.

    Raises ResourceNotFoundException.
    """
    row = await groups.find(reader, pool.pool_id, group_name)
    if row is None:
        raise ResourceNotFoundException(UNKNOWN_GROUP)
    return group_of(row)
