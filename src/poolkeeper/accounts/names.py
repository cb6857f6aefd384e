"""By which names can a user sign in? Sign-in names follow the attributes; only this file claims, moves and releases them.

A pool has one namespace (attacks.md 13, 21, 22): username and sub for good, in UsernameAttributes pools each such address,
in AliasAttributes pools each verified one, and preferred_username once it is set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper import events
from poolkeeper.accounts import own_word
from poolkeeper.call import Call
from poolkeeper.decoding import user_of
from poolkeeper.errors import AliasExistsException, InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.changes import merged
from poolkeeper.model.event import Kind
from poolkeeper.model.identities import came_from_outside
from poolkeeper.model.names import FORMS, can_be_name, visible
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import aliases, users
from poolkeeper.store.db import Conflict, Reader, Transaction

_PREFERRED = "preferred_username"


@dataclass(frozen=True, slots=True)
class Taken:
    """An alias of a `kind` that went from one user to another."""

    kind: str
    loser: str
    winner: str


def tell(call: Call, pool: Pool, taken: Iterable[Taken]) -> None:
    """Record, after the commit, the aliases that were taken."""
    for taken_alias in taken:
        events.record(
            call,
            Kind.ALIAS_TAKEN,
            pool_id=pool.pool_id,
            user_id=taken_alias.loser,
            attribute=taken_alias.kind,
            to=taken_alias.winner,
        )


def of(pool: Pool, attributes: Mapping[str, str], *, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the keys of the sign-in names that attributes make, by attribute (userpools.md 5.3).

    `known` keys, by attribute too, are not folded again. A user whom a provider's identity created has none: only that
    provider vouches for their address, which may be another user's sign-in name (attacks.md 100).
    """
    if came_from_outside(attributes):
        return {}
    named = {name for name in pool.username_attributes if attributes.get(name)}
    for name in pool.alias_attributes:
        if attributes.get(name) and (name not in VERIFIED or attributes.get(VERIFIED[name]) == "true"):
            named.add(name)
    known = known or {}
    return {name: known.get(name) or pool.named(attributes[name]).key for name in sorted(named)}


def require_forms(pool: Pool, given: Mapping[str, str]) -> None:
    """Raise InvalidParameterException for a preferred_username that is no name, or could pass for an address (attacks.md 22)."""
    preferred = given.get(_PREFERRED)
    if not preferred or _PREFERRED not in pool.alias_attributes:
        return
    # UNVERIFIED: whether AWS looks at the form of a preferred_username; a call with an e-mail address would settle it.
    if not visible(preferred):
        raise InvalidParameterException(
            "preferred_username must consist of letters, marks, symbols, numbers, punctuation."
        )
    if not can_be_name(preferred):
        raise InvalidParameterException(
            "preferred_username must be as short as a username, without marks in long rows."
        )
    for attribute in sorted(pool.alias_attributes & FORMS.keys()):
        if FORMS[attribute](preferred):
            noun = attribute.replace("_number", " number")
            raise InvalidParameterException(
                f"preferred_username cannot be of {noun} format, since user pool is configured for {noun} alias."
            )


async def require_free(reader: Reader, pool: Pool, user_id: str, *, attribute: str, name: str) -> None:
    """Raise AliasExistsException where another user has a name that would become this user's at once."""
    if attribute not in pool.username_attributes:
        return
    holder = await aliases.holder(reader, pool.pool_id, pool.named(name).key)
    if holder is not None and holder.user_id != user_id:
        raise alias_exists(attribute)


async def claim(
    tx: Transaction, pool: Pool, user_id: str, kind: str, key: str, *, now: int, force: bool
) -> list[Taken] | None:
    """Claim a name, by its key, for a user and return the aliases taken for it, mostly none; None where another user has it.

    `force` takes an alias from its holder, never a username (userpools.md 5.3).
    """
    user_key = {"pool_id": pool.pool_id, "user_id": user_id}
    if await aliases.claim(tx, **user_key, folded=key, kind=kind, now=now):
        return []
    holder = await aliases.holder(tx, pool.pool_id, key)
    if holder is None or holder.user_id == user_id:
        return None if holder is None else []
    if not (force and kind in pool.alias_attributes and kind in VERIFIED and holder.kind == kind):
        return None
    await _take_from(tx, pool, holder.user_id, kind, now=now)
    claimed = await aliases.claim(tx, **user_key, folded=key, kind=kind, now=now)
    return [Taken(kind, loser=holder.user_id, winner=user_id)] if claimed else None


async def follow(
    tx: Transaction,
    pool: Pool,
    user_id: str,
    *,
    before: Mapping[str, str],
    after: Mapping[str, str],
    now: int,
    force: frozenset[str] = frozenset(),
    by_itself: bool = False,
) -> list[Taken]:
    """Claim and release a user's names as their attributes change; `force` names aliases that may be taken.

    `by_itself`: the user writes the attributes, so only their own word vouches for an address (own_word.py).
    Returns the aliases that were taken. Raises AliasExistsException for another user's name.
    """
    await own_word.follow(tx, pool.pool_id, user_id, before=before, after=after, by_itself=by_itself)
    old = of(pool, before)
    new = of(pool, after, known={kind: key for kind, key in old.items() if before.get(kind) == after.get(kind)})
    moved = [kind for kind in {*old, *new} if old.get(kind) != new.get(kind)]
    given_up = {old[kind]: kind for kind in moved if kind in old}
    # Names are claimed in one order, before any is released: else two users who ask for each other's names would wait for
    # each other in the database. A name that changes its kind is released first; no other user can have it.
    wanted_keys = sorted((new[kind], kind) for kind in moved if kind in new)
    all_taken: list[Taken] = []
    for key, kind in wanted_keys:
        if key in given_up:
            await aliases.release(tx, pool_id=pool.pool_id, user_id=user_id, folded=key, kind=given_up.pop(key))
        taken = await claim(tx, pool, user_id, kind, key, now=now, force=kind in force)
        if taken is None:
            raise alias_exists(kind)
        all_taken += taken
    for key, kind in sorted(given_up.items()):
        await aliases.release(tx, pool_id=pool.pool_id, user_id=user_id, folded=key, kind=kind)
    return all_taken


async def fresh(tx: Transaction, pool: Pool, user_id: str) -> User:
    """Return a user as of a transaction.

    Raises UserNotFoundException.
    """
    row = await users.by_id(tx, pool.pool_id, user_id)
    user = None if row is None else user_of(pool.pool_id, row)
    if user is None:
        raise refused(Reason.UNKNOWN_USER)
    return user


async def write(
    tx: Transaction, pool: Pool, user: User, writes: Mapping[str, str], *, now: int, by_itself: bool = False
) -> bool:
    """Write attributes and names of a user who was read in the same transaction; False if nothing changes."""
    after = merged(user.attributes, writes)
    if after == user.attributes:
        return False
    await follow(tx, pool, user.sub, before=user.attributes, after=after, now=now, by_itself=by_itself)
    changed = await users.set_attributes(
        tx,
        pool_id=pool.pool_id,
        user_id=user.sub,
        attributes=msgspec.json.encode(after).decode(),
        version=user.version,
        now=now,
    )
    if changed != 1:
        raise Conflict
    return True


def alias_exists(kind: str) -> AliasExistsException:
    """Return the error for another user's name, with AWS's error message."""
    return AliasExistsException(f"An account with the {kind.replace('_number', ' number')} already exists.")


async def _take_from(tx: Transaction, pool: Pool, loser_id: str, kind: str, *, now: int) -> None:
    """Take an alias from its holder: the address is no longer proved to be theirs."""
    loser = await fresh(tx, pool, loser_id)
    await write(tx, pool, loser, {VERIFIED[kind]: "false"}, now=now)
