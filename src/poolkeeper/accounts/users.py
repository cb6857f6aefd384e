"""How is a user created? With their sign-in names, by the one insertion that all ways into a pool share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

import msgspec

from poolkeeper.accounts import backchannel, names, own_word
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, UsernameExistsException
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.changes import at_creation
from poolkeeper.model.names import FORMS, MOST_MARKS, can_be_name
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import NOTHING
from poolkeeper.model.user import Credential, User
from poolkeeper.store import aliases, leftovers, tallies, users
from poolkeeper.store.db import Transaction

TAKEN = "User already exists"
_TALLY_SHARDS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user about to be written. `claims` are their sign-in names, (kind, key)."""

    sub: str
    username: str
    attributes: Mapping[str, str]
    claims: tuple[tuple[str, str], ...]

    @property
    def submitted(self) -> dict[str, str]:
        """The attributes without what the house adds by itself."""
        return {name: value for name, value in self.attributes.items() if name != "sub"}

    def in_pool(self, pool: Pool, *, status: str, now: int) -> User:
        """Return the user as they will be once written, for triggers and messages that come before that."""
        return User(
            pool_id=pool.pool_id,
            sub=self.sub,
            username=self.username,
            status=status,
            enabled=True,
            attributes=self.attributes,
            credential=None,
            credential_version=1,
            version=1,
            created_at=now,
            updated_at=now,
            mfa=NOTHING,
        )


def new_user(
    call: Call, pool: Pool, given_name: str, attributes: Mapping[str, str], *, sub: str | None = None
) -> NewUser:
    """Return the user that a name and attributes make in this pool (userpools.md 5.3), with a given `sub` or a new one.

    Raises InvalidParameterException for a name without the form that the pool demands, or that cannot be a name.
    """
    sub = sub or call.entropy.uuid()
    if not can_be_name(given_name):
        # UNVERIFIED: whether AWS takes such names; a SignUp with 40 combining marks in a row would settle it.
        raise InvalidParameterException(f"Username cannot have more than {MOST_MARKS} combining marks in a row.")
    kind, name = _kind_of_name(pool, given_name), pool.named(given_name)
    given_attributes = dict(attributes)
    attribute = given_name if kind == "username" else given_attributes.setdefault(kind, given_name)
    if attribute != given_name and pool.named(attribute).key != name.key:
        # UNVERIFIED: what AWS says to a username that differs from the attribute it stands for, and whether one that
        # differs by capitals alone does so in a pool that folds them.
        raise InvalidParameterException(f"The username and the attribute {kind} differ.")
    username = given_name if kind == "username" else sub
    all_attributes = {"sub": sub, **at_creation(given_attributes)}
    own = (("sub", sub), *((("username", name.key),) if kind == "username" else ()))
    by_attribute = names.of(pool, all_attributes, known={kind: name.key})
    return NewUser(sub=sub, username=username, attributes=all_attributes, claims=(*own, *by_attribute.items()))


def marked(pool: Pool, user: NewUser, *, vouched_for: Collection[str]) -> NewUser:
    """Return a user who signs up, with a mark for each address: verified where it is in `vouched_for`, else not.

    A user whom an administrator creates has only the marks that were given (measured.md 12).
    """
    marks = {mark: str(name in vouched_for).lower() for name, mark in VERIFIED.items() if user.attributes.get(name)}
    if not marks:
        return user
    all_attributes = {**user.attributes, **marks}
    own = tuple(claim for claim in user.claims if claim[0] in {"sub", "username"})
    return replace(
        user, attributes=all_attributes, claims=(*own, *names.of(pool, all_attributes, known=dict(user.claims)).items())
    )


def require_address(attributes: Mapping[str, str]) -> None:
    """Raise InvalidParameterException for a user without a password whom no code could reach (AWS: SignUp)."""
    if not any(attributes.get(name) for name in VERIFIED):
        # UNVERIFIED: the words; SignUp with neither password nor address on a passwordless pool would settle them.
        raise InvalidParameterException("A user without a password must have an email or a phone_number.")


async def refuse_taken(
    call: Call, pool: Pool, user: NewUser, *, taken: str, force: Collection[str] = frozenset()
) -> None:
    """Refuse a taken name before a hash is spent on it; the insertion decides between concurrent requests."""
    for kind, key in user.claims:
        movable = kind in force and kind in pool.alias_attributes
        if kind != "sub" and not movable and await aliases.holder(call.db, pool.pool_id, key) is not None:
            refuse(pool, kind, taken)


async def insert(
    tx: Transaction,
    call: Call,
    pool: Pool,
    user: NewUser,
    *,
    status: str,
    credential: Credential | None,
    force: Collection[str] = frozenset(),
    taken: str = TAKEN,
    by_own_word: Collection[str] = (),
) -> list[names.Taken]:
    """Write a user with their names, all or nothing; only their own word vouches for addresses in `by_own_word` (own_word.py).

    A verified address in `force` is taken from the user who has it as an alias; these aliases are returned. Raises
    UsernameExistsException with the error message `taken` for the name, AliasExistsException for an alias.
    """
    from_others: list[names.Taken] = []
    for kind, key in user.claims:
        claimed = await names.claim(tx, pool, user.sub, kind, key, now=call.now, force=kind in force)
        if claimed is None:
            refuse(pool, kind, taken)
        from_others += claimed
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
        own_word=own_word.text(by_own_word),
        now=call.now,
    )
    await tallies.add(tx, pool.pool_id, shard=tally_shard(user.sub), change=1)
    return from_others


async def delete(call: Call, tx: Transaction, pool: Pool, user_id: str) -> bool:
    """Remove and count out a user, and tell app clients that they are signed out; False where they are gone already."""
    await backchannel.before_all_end(call, tx, pool_id=pool.pool_id, user_id=user_id)
    if await leftovers.delete_user(tx, pool_id=pool.pool_id, user_id=user_id) != 1:
        return False
    await tallies.add(tx, pool.pool_id, shard=tally_shard(user_id), change=-1)
    return True


def tally_shard(user_id: str) -> int:
    """Return the number of the pool's tally in which a user is counted."""
    return int(user_id[:2], 16) % _TALLY_SHARDS


def _kind_of_name(pool: Pool, name: str) -> str:
    """Return the kind of a new user's name: `username`, or the attribute that stands for it in this pool."""
    if pool.username_attributes:
        for attribute in sorted(pool.username_attributes):
            if FORMS[attribute](name):
                return attribute
        raise InvalidParameterException(_WANTED[frozenset(pool.username_attributes)])
    for attribute in sorted(pool.alias_attributes & FORMS.keys()):
        if FORMS[attribute](name):
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
    """Raise the error for a taken name, with AWS's error message."""
    if kind in pool.alias_attributes:
        raise names.alias_exists(kind)
    if kind in pool.username_attributes:
        raise UsernameExistsException(f"An account with the given {kind} already exists.")
    raise UsernameExistsException(taken)
