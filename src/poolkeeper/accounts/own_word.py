"""Who says that an address is a user's? Its own word alone, until a code proves it or whoever runs the pool writes it.

Anybody can say anybody's address, at SignUp or by a token; an administrator, an import or a function that made the
account has said it for the pool. What a code comes to that is the address's first proof depends on it (first_proof.py).
"""

from collections.abc import Collection, Mapping

from poolkeeper.model.attributes import VERIFIED
from poolkeeper.store import users
from poolkeeper.store.db import Reader, Transaction


def of_sign_up(attributes: Mapping[str, str], *, confirmed: bool) -> Collection[str]:
    """Return the addresses that somebody who signs up has by their word.

    None where PreSignUp `confirmed`: it vouched for the account as it is. Where it only took an address for verified, the
    account still waits for a first proof.
    """
    return () if confirmed else [name for name in VERIFIED if attributes.get(name)]


def text(names: Collection[str]) -> str | None:
    """Return what the column `users.own_word` holds."""
    return " ".join(sorted(names)) or None


async def held(reader: Reader, pool_id: str, user_id: str) -> frozenset[str]:
    """Return the addresses (email, phone_number) that a user has by its own word."""
    return frozenset((await users.own_word(reader, pool_id=pool_id, user_id=user_id) or "").split())


async def follow(
    tx: Transaction,
    pool_id: str,
    user_id: str,
    *,
    before: Mapping[str, str],
    after: Mapping[str, str],
    by_itself: bool,
) -> None:
    """Keep whose word the addresses are that change with their marks: the user's where it writes them `by_itself`."""
    moved = {name for name, mark in VERIFIED.items() if any(before.get(one) != after.get(one) for one in (name, mark))}
    if moved:
        unproved = {name for name in moved if after.get(name) and after.get(VERIFIED[name]) != "true"}
        await _settle(tx, pool_id, user_id, vouched=moved, said=unproved if by_itself else ())


async def vouch(tx: Transaction, pool_id: str, user_id: str, names: Collection[str] = tuple(VERIFIED)) -> None:
    """Take addresses, all unless named, for the pool's own word, in the transaction of what says so."""
    if names:
        await _settle(tx, pool_id, user_id, vouched=names, said=())


async def _settle(
    tx: Transaction, pool_id: str, user_id: str, *, vouched: Collection[str], said: Collection[str]
) -> None:
    old = await held(tx, pool_id, user_id)
    new = old.difference(vouched).union(said)
    if new != old:
        await users.set_own_word(tx, pool_id=pool_id, user_id=user_id, own_word=text(new))
