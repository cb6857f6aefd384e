"""How does anything of users, groups, roles and policies change? In a transaction of its own, counted, one after another."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from poolkeeper.call import Call
from poolkeeper.errors import ConcurrentModificationException, LimitExceededException
from poolkeeper.model.iam import ID_ALPHABET, ID_LENGTH, Kind
from poolkeeper.store import iam_changes, iam_entities
from poolkeeper.store.db import Transaction

T = TypeVar("T")

# Of those that wait here for a change that was judged anew, one tries at a time: only others' first attempts come between.
_ATTEMPTS = 20


class _Overtaken(Exception):  # noqa: N818 - a reason to judge anew, not an error of anybody's
    """Something of users, roles or policies has changed since the call was let through."""


async def change(call: Call, body: Callable[[Transaction], Awaitable[T]]) -> T:
    """Run a change: counted first, so that nothing it checks is changed by another one before it ends.

    A call that a policy had to allow is judged by what is there when it happens: where something has changed since, it is
    judged anew. Else whoever may delete and make a user acts on the new one by what the old one was. What raises is not
    counted. `body` may run again, and awaits nothing but the transaction.

    Raises what judging raises, and ConcurrentModificationException where others never leave the time for it.
    """

    async def counted(tx: Transaction) -> T:
        before = await iam_changes.begin(tx)
        if call.trace.judged is not None and call.trace.judged.at != before:
            raise _Overtaken
        return await body(tx)

    with suppress(_Overtaken):
        return await call.db.write(counted)
    async with call.house.locks.hold("changes of iam"):
        for _ in range(_ATTEMPTS):
            assert call.trace.judged is not None, "nothing else is overtaken"
            await call.trace.judged.anew()
            with suppress(_Overtaken):
                return await call.db.write(counted)
    # UNVERIFIED: the words; many changes of one user at once against AWS would settle them.
    raise ConcurrentModificationException(
        "The request was rejected because others change users and policies. Try again."
    )


def new_id(call: Call, kind: Kind) -> str:
    """Return the id of something that is nowhere yet; the next one of the same name has another."""
    return kind.id_prefix + call.entropy.text(ID_ALPHABET, ID_LENGTH)


async def require_room(tx: Transaction, kind: Kind) -> None:
    """Refuse one more than an account may have.

    Raises LimitExceededException.
    """
    if await iam_entities.count(tx, kind) >= kind.most:
        raise LimitExceededException(f"Cannot exceed quota for {kind.plural}PerAccount: {kind.most}")
