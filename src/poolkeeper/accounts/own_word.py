"""Who vouches for a user's address? Only the user's own word, until a code proves it or the pool's operator writes it.

Anybody can claim anybody's address, at SignUp or by a token; an administrator, an import or a function that made the
account vouches for it on behalf of the pool. What the first proof of an address does depends on that (first_proof.py).
"""

from collections.abc import Collection, Mapping

from poolkeeper.model.attributes import VERIFIED
from poolkeeper.store import users
from poolkeeper.store.db import Reader, Transaction


def of_sign_up(attributes: Mapping[str, str], *, confirmed: bool) -> Collection[str]:
    """Return the addresses that a new user has by their own word.

    None where PreSignUp `confirmed`: it vouched for the account as it is. Where it only marked an address as verified, the
    account still waits for a first proof.
    """
    return () if confirmed else [name for name in VERIFIED if attributes.get(name)]


def text(names: Collection[str]) -> str | None:
    """Return the value of the column `users.own_word`."""
    return " ".join(sorted(names)) or None


async def held(reader: Reader, pool_id: str, user_id: str) -> frozenset[str]:
    """Return the addresses (email, phone_number) that a user has by their own word."""
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
    """Record who vouches for addresses that change, or whose marks do: the user, where they write them (`by_itself`)."""
    moved = {
        name
        for name, mark in VERIFIED.items()
        if any(before.get(name_or_mark) != after.get(name_or_mark) for name_or_mark in (name, mark))
    }
    if moved:
        unproved = {name for name in moved if after.get(name) and after.get(VERIFIED[name]) != "true"}
        await _settle(tx, pool_id, user_id, vouched=moved, claimed=unproved if by_itself else ())


async def vouch(tx: Transaction, pool_id: str, user_id: str, names: Collection[str] = tuple(VERIFIED)) -> None:
    """Record that the pool vouches for addresses, all unless named, in the transaction that sets them."""
    if names:
        await _settle(tx, pool_id, user_id, vouched=names, claimed=())


async def _settle(
    tx: Transaction, pool_id: str, user_id: str, *, vouched: Collection[str], claimed: Collection[str]
) -> None:
    old = await held(tx, pool_id, user_id)
    new = old.difference(vouched).union(claimed)
    if new != old:
        await users.set_own_word(tx, pool_id=pool_id, user_id=user_id, own_word=text(new))
