"""How does a user come into being? The names it will answer to, and the one insertion that SignUp and administrators share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import msgspec

from poolkeeper.auth import names
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, UsernameExistsException
from poolkeeper.model.changes import at_creation
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import Credential
from poolkeeper.store import pools, users
from poolkeeper.store.db import Transaction

_TALLY_SHARDS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user about to be written. `claims` are the names it will answer to, (kind, name as typed)."""

    sub: str
    username: str
    attributes: Mapping[str, str]
    claims: tuple[tuple[str, str], ...]


def new_user(call: Call, pool: Pool, given_name: str, attributes: Mapping[str, str]) -> NewUser:
    """Return the user that a name and attributes make in this pool (contract, user pools 5.3).

    Raises InvalidParameterException for a name that has not the form that the pool asks for.
    """
    sub = call.entropy.uuid()
    kind = _kind_of_name(pool, given_name)
    given = dict(attributes)
    if kind != "username" and given.setdefault(kind, given_name) != given_name:
        # UNVERIFIED: what AWS says to a username that differs from the attribute it stands for.
        raise InvalidParameterException(f"The username and the attribute {kind} differ.")
    username = given_name if kind == "username" else sub
    held = {"sub": sub, **at_creation(given)}
    claims = [("sub", sub), *([("username", username)] if kind == "username" else []), *names.of(pool, held).items()]
    return NewUser(sub=sub, username=username, attributes=held, claims=tuple(claims))


async def refuse_taken(call: Call, pool: Pool, user: NewUser, *, taken: str, force_alias: bool = False) -> None:
    """Answer a taken name before a hash is spent on it; the insertion decides where two come at once."""
    for kind, name in user.claims:
        movable = force_alias and kind in pool.alias_attributes
        if kind != "sub" and not movable and await users.holder(call.db, pool.pool_id, pool.fold(name)) is not None:
            refuse(pool, kind, taken)


async def insert(
    tx: Transaction,
    call: Call,
    pool: Pool,
    user: NewUser,
    *,
    status: str,
    credential: Credential | None,
    force_alias: bool = False,
    taken: str = "User already exists",
) -> None:
    """Write a user with its names, all or nothing.

    `force_alias` takes a verified address from whoever holds it as an alias. Raises UsernameExistsException with the
    sentence `taken` for the name, AliasExistsException for an alias.
    """
    for kind, name in user.claims:
        if not await names.claim(tx, pool, user.sub, kind, name, now=call.now, force=force_alias):
            refuse(pool, kind, taken)
    await users.insert(
        tx,
        pool_id=pool.pool_id,
        user_id=user.sub,
        username=user.username,
        status=status,
        attributes=msgspec.json.encode(user.attributes).decode(),
        password_hash=credential.password_hash if credential else None,
        srp_salt=credential.srp_salt if credential else None,
        srp_verifier=credential.srp_verifier if credential else None,
        password_set_at=credential.set_at if credential else None,
        now=call.now,
    )
    await pools.tally(tx, pool.pool_id, shard=int(user.sub[:2], 16) % _TALLY_SHARDS, change=1)


async def delete(tx: Transaction, pool: Pool, user_id: str) -> bool:
    """Remove a user and count it out; False when it is gone already."""
    if await users.delete(tx, pool_id=pool.pool_id, user_id=user_id) != 1:
        return False
    await pools.tally(tx, pool.pool_id, shard=int(user_id[:2], 16) % _TALLY_SHARDS, change=-1)
    return True


def _kind_of_name(pool: Pool, name: str) -> str:
    """Return what a new user's name is: `username`, or the attribute that stands for it in this pool."""
    if pool.username_attributes:
        for attribute in sorted(pool.username_attributes):
            if names.FORMS[attribute](name):
                return attribute
        raise InvalidParameterException(_WANTED[frozenset(pool.username_attributes)])
    for attribute in sorted(pool.alias_attributes & names.FORMS.keys()):
        if names.FORMS[attribute](name):
            noun = "email" if attribute == "email" else "phone number"
            raise InvalidParameterException(
                f"Username cannot be of {noun} format, since user pool is configured for {noun} alias."
            )
    return "username"


_WANTED = {
    frozenset({"email"}): "Username should be an email.",
    frozenset({"phone_number"}): "Username should be a phone number.",
    frozenset({"email", "phone_number"}): "Username should be either an email or a phone number.",
}


def refuse(pool: Pool, kind: str, taken: str) -> NoReturn:
    """Raise what a name that somebody holds already is answered with, in AWS's words."""
    if kind in pool.alias_attributes:
        raise names.alias_exists(kind)
    if kind in pool.username_attributes:
        raise UsernameExistsException(f"An account with the given {kind} already exists.")
    raise UsernameExistsException(taken)
