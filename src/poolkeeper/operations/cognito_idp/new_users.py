"""How does a user come into being? The names it will answer to, and the one insertion that SignUp and administrators share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import msgspec

from poolkeeper.call import Call
from poolkeeper.errors import AliasExistsException, InvalidParameterException, UsernameExistsException
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.names import looks_like_email, looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import Credential
from poolkeeper.store import pools, users
from poolkeeper.store.db import Transaction

_TALLY_SHARDS = 16
_FORMS = {"email": looks_like_email, "phone_number": looks_like_phone}


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
    claims = [("sub", sub), *([(kind, given_name)] if given_name != sub else [])]
    claims += _verified_aliases(pool, given)
    if (preferred := given.get("preferred_username")) and "preferred_username" in pool.alias_attributes:
        claims.append(("preferred_username", preferred))
    return NewUser(sub=sub, username=username, attributes={"sub": sub, **given}, claims=tuple(dict.fromkeys(claims)))


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
        if not await _claim(tx, call, pool, user.sub, kind, name, force=force_alias):
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


async def claim_alias(
    tx: Transaction, call: Call, pool: Pool, *, user_id: str, attribute: str, value: str, force: bool
) -> None:
    """Claim an address that was just proved as a sign-in name, in pools where it is one (attacks.md 21).

    Raises AliasExistsException unless the caller may take it from whoever holds it.
    """
    if attribute not in pool.alias_attributes:
        return
    if not await _claim(tx, call, pool, user_id, attribute, value, force=force):
        refuse(pool, attribute, "")


async def _claim(tx: Transaction, call: Call, pool: Pool, user_id: str, kind: str, name: str, *, force: bool) -> bool:
    folded = pool.fold(name)
    place = {"pool_id": pool.pool_id, "user_id": user_id}
    if await users.claim(tx, **place, folded=folded, kind=kind, now=call.now):
        return True
    held = await users.holder(tx, pool.pool_id, folded)
    if held is None or held[1] == user_id:
        return held is not None
    if not (force and kind in _FORMS and held[0] == kind):
        return False
    await _take_from(tx, call, pool, held[1], kind)
    return await users.claim(tx, **place, folded=folded, kind=kind, now=call.now)


async def _take_from(tx: Transaction, call: Call, pool: Pool, loser_id: str, kind: str) -> None:
    """Take an alias from the user who holds it: the address is no longer proved to be that user's."""
    row = await users.by_id(tx, pool.pool_id, loser_id)
    await users.release(tx, pool_id=pool.pool_id, user_id=loser_id, kind=kind)
    if row is not None:
        attributes = {**msgspec.json.decode(row[4]), VERIFIED[kind]: "false"}
        await users.set_attributes(
            tx,
            pool_id=pool.pool_id,
            user_id=loser_id,
            attributes=msgspec.json.encode(attributes).decode(),
            version=row[10],
            now=call.now,
        )


def _kind_of_name(pool: Pool, name: str) -> str:
    """Return what a new user's name is: `username`, or the attribute that stands for it in this pool."""
    if pool.username_attributes:
        for attribute in sorted(pool.username_attributes):
            if _FORMS[attribute](name):
                return attribute
        raise InvalidParameterException(_WANTED[frozenset(pool.username_attributes)])
    for attribute in sorted(pool.alias_attributes & _FORMS.keys()):
        if _FORMS[attribute](name):
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


def _verified_aliases(pool: Pool, attributes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the addresses that are sign-in names from the start: those that an administrator set as verified."""
    return [
        (name, attributes[name])
        for name in sorted(pool.alias_attributes & VERIFIED.keys())
        if attributes.get(name) and attributes.get(VERIFIED[name]) == "true"
    ]


def refuse(pool: Pool, kind: str, taken: str) -> NoReturn:
    """Raise what a name that somebody holds already is answered with, in AWS's words."""
    if kind in pool.alias_attributes:
        noun = kind.replace("_number", " number")
        raise AliasExistsException(f"An account with the {noun} already exists.")
    if kind in pool.username_attributes:
        raise UsernameExistsException(f"An account with the given {kind} already exists.")
    raise UsernameExistsException(taken)
