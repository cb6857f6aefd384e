"""Which names does a user answer to? Sign-in names follow the attributes: claimed, moved and given up here alone.

One namespace a pool (attacks.md 13, 21, 22): username and sub for good, in UsernameAttributes pools each such address,
in AliasAttributes pools each verified one, and preferred_username once it is set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper import events
from poolkeeper.accounts import own_word
from poolkeeper.call import Call
from poolkeeper.errors import AliasExistsException, InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import user_of
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
    """That an alias of a `kind` went from one user to another."""

    kind: str
    loser: str
    winner: str


def tell(call: Call, pool: Pool, taken: Iterable[Taken]) -> None:
    """Record, after the commit, the aliases that were taken."""
    for one in taken:
        events.record(
            call, Kind.ALIAS_TAKEN, pool_id=pool.pool_id, user_id=one.loser, attribute=one.kind, to=one.winner
        )


def of(pool: Pool, attributes: Mapping[str, str], *, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the keys of the sign-in names that attributes make, by attribute (userpools.md 5.3).

    Those that are `known`, by attribute too, are not folded again. Who was made of an identity elsewhere has none: its
    address is that provider's word, and another's sign-in name (attacks.md 100).
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
    """Raise AliasExistsException where somebody else answers to a name that would be this user's at once."""
    if attribute not in pool.username_attributes:
        return
    held = await aliases.holder(reader, pool.pool_id, pool.named(name).key)
    if held is not None and held.user_id != user_id:
        raise alias_exists(attribute)


async def claim(
    tx: Transaction, pool: Pool, user_id: str, kind: str, key: str, *, now: int, force: bool
) -> list[Taken] | None:
    """Claim a name, by its key, for a user and return whom it was taken from, mostly nobody; None when it is somebody else's.

    `force` takes an alias from whoever holds it as one, never a username (userpools.md 5.3).
    """
    place = {"pool_id": pool.pool_id, "user_id": user_id}
    if await aliases.claim(tx, **place, folded=key, kind=kind, now=now):
        return []
    held = await aliases.holder(tx, pool.pool_id, key)
    if held is None or held.user_id == user_id:
        return None if held is None else []
    if not (force and kind in pool.alias_attributes and kind in VERIFIED and held.kind == kind):
        return None
    await _take_from(tx, pool, held.user_id, kind, now=now)
    claimed = await aliases.claim(tx, **place, folded=key, kind=kind, now=now)
    return [Taken(kind, loser=held.user_id, winner=user_id)] if claimed else None


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
    """Move a user's names from where its attributes were to where they are; `force` names aliases that may be taken.

    `by_itself` says that the user writes them: an address is there by the user's word alone then (own_word.py).
    Returns whom they were taken from. Raises AliasExistsException for a name that is somebody else's.
    """
    await own_word.follow(tx, pool.pool_id, user_id, before=before, after=after, by_itself=by_itself)
    old = of(pool, before)
    new = of(pool, after, known={kind: key for kind, key in old.items() if before.get(kind) == after.get(kind)})
    moved = [kind for kind in {*old, *new} if old.get(kind) != new.get(kind)]
    given_up = {old[kind]: kind for kind in moved if kind in old}
    # Claimed in one order, before anything is given up: two users who ask for each other's names would wait for each other
    # in the database. A name that becomes one of another kind is given up first; nobody else can have it.
    wanted = sorted((new[kind], kind) for kind in moved if kind in new)
    all_taken: list[Taken] = []
    for key, kind in wanted:
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
    """Return a user as it is within a transaction.

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
    """Write attributes of a user that was read in the same transaction, its names with them; False if nothing changes."""
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
    """Return what the name of another user is answered with, in AWS's words."""
    return AliasExistsException(f"An account with the {kind.replace('_number', ' number')} already exists.")


async def _take_from(tx: Transaction, pool: Pool, loser_id: str, kind: str, *, now: int) -> None:
    """Take an alias from the user who holds it: the address is no longer proved to be that user's."""
    loser = await fresh(tx, pool, loser_id)
    await write(tx, pool, loser, {VERIFIED[kind]: "false"}, now=now)
