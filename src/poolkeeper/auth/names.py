"""Which names does a user answer to? Sign-in names follow the attributes: claimed, moved and given up here alone.

One namespace a pool (attacks.md 13, 21, 22): username and sub for good, in UsernameAttributes pools each such address,
in AliasAttributes pools each verified one, and preferred_username once it is set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper import events
from poolkeeper.call import Call
from poolkeeper.errors import AliasExistsException, InvalidParameterException, UserNotFoundException
from poolkeeper.lookup import user_of
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.changes import merged
from poolkeeper.model.event import Kind
from poolkeeper.model.names import looks_like_email, looks_like_phone, visible
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import users
from poolkeeper.store.db import Conflict, Reader, Transaction

FORMS = {"email": looks_like_email, "phone_number": looks_like_phone}
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


def of(pool: Pool, attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the sign-in names that attributes make, by attribute and as typed (contract, user pools 5.3)."""
    named = {name for name in pool.username_attributes if attributes.get(name)}
    for name in pool.alias_attributes:
        if attributes.get(name) and (name not in VERIFIED or attributes.get(VERIFIED[name]) == "true"):
            named.add(name)
    return {name: attributes[name] for name in sorted(named)}


def require_forms(pool: Pool, given: Mapping[str, str]) -> None:
    """Raise InvalidParameterException for a preferred_username that could pass for somebody's address (attacks.md 22)."""
    preferred = given.get(_PREFERRED)
    if not preferred or _PREFERRED not in pool.alias_attributes:
        return
    # UNVERIFIED: whether AWS looks at the form of a preferred_username; a call with an e-mail address would settle it.
    if not visible(preferred):
        raise InvalidParameterException(
            "preferred_username must consist of letters, marks, symbols, numbers, punctuation."
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
    held = await users.holder(reader, pool.pool_id, pool.fold(name))
    if held is not None and held[1] != user_id:
        raise alias_exists(attribute)


async def claim(
    tx: Transaction, pool: Pool, user_id: str, kind: str, name: str, *, now: int, force: bool
) -> list[Taken] | None:
    """Claim a name for a user and return whom it was taken from, mostly nobody; None when it is somebody else's.

    `force` takes an alias from whoever holds it as one, never a username (contract, user pools 5.3).
    """
    folded = pool.fold(name)
    place = {"pool_id": pool.pool_id, "user_id": user_id}
    if await users.claim(tx, **place, folded=folded, kind=kind, now=now):
        return []
    held = await users.holder(tx, pool.pool_id, folded)
    if held is None or held[1] == user_id:
        return None if held is None else []
    if not (force and kind in pool.alias_attributes and kind in VERIFIED and held[0] == kind):
        return None
    await _take_from(tx, pool, held[1], kind, now=now)
    claimed = await users.claim(tx, **place, folded=folded, kind=kind, now=now)
    return [Taken(kind, loser=held[1], winner=user_id)] if claimed else None


async def follow(
    tx: Transaction,
    pool: Pool,
    user_id: str,
    *,
    before: Mapping[str, str],
    after: Mapping[str, str],
    now: int,
    force: frozenset[str] = frozenset(),
) -> list[Taken]:
    """Move a user's names from where its attributes were to where they are; `force` names aliases that may be taken.

    Returns whom they were taken from. Raises AliasExistsException for a name that is somebody else's.
    """
    old, new = of(pool, before), of(pool, after)
    moved = [kind for kind in sorted({*old, *new}) if _folded(pool, old.get(kind)) != _folded(pool, new.get(kind))]
    for kind in moved:
        if kind in old:
            await users.release(tx, pool_id=pool.pool_id, user_id=user_id, kind=kind)
    all_taken: list[Taken] = []
    for kind in moved:
        if kind not in new:
            continue
        taken = await claim(tx, pool, user_id, kind, new[kind], now=now, force=kind in force)
        if taken is None:
            raise alias_exists(kind)
        all_taken += taken
    return all_taken


async def fresh(tx: Transaction, pool: Pool, user_id: str) -> User:
    """Return a user as it is within a transaction.

    Raises UserNotFoundException.
    """
    row = await users.by_id(tx, pool.pool_id, user_id)
    user = None if row is None else user_of(pool.pool_id, row, 0)
    if user is None:
        raise UserNotFoundException("User does not exist.")
    return user


async def write(tx: Transaction, pool: Pool, user: User, writes: Mapping[str, str], *, now: int) -> bool:
    """Write attributes of a user that was read in the same transaction, its names with them; False if nothing changes."""
    after = merged(user.attributes, writes)
    if after == user.attributes:
        return False
    await follow(tx, pool, user.sub, before=user.attributes, after=after, now=now)
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


def _folded(pool: Pool, name: str | None) -> str | None:
    return None if name is None else pool.fold(name)
