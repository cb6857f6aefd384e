"""How does anything of users, groups, roles and policies change? In a transaction of its own, counted, one after another."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from poolkeeper.call import Call
from poolkeeper.errors import (
    ConcurrentModificationException,
    DeleteConflictException,
    EntityAlreadyExistsException,
    LimitExceededException,
)
from poolkeeper.model.iam import ID_ALPHABET, ID_LENGTH, Entity, Kind, folded
from poolkeeper.operations.iam_lookup import require
from poolkeeper.store import iam_changes, iam_entities, iam_policies
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


async def add(tx: Transaction, kind: Kind, made: Entity) -> None:
    """Add a user, a group or a role, where there is room and nobody has its name in whatever case.

    Raises EntityAlreadyExistsException, LimitExceededException.
    """
    await require_room(tx, kind)
    if not await iam_entities.insert(tx, kind, made):
        raise _taken(kind, made.name)


async def rename(call: Call, kind: Kind, name: str, *, new_name: str | None, new_path: str | None) -> None:
    """Give a user or a group another name or path: its ARN changes; its id, and what hangs on that, stay.

    Raises EntityAlreadyExistsException, NoSuchEntityException.
    """

    async def body(tx: Transaction) -> None:
        entity = await require(tx, kind, name)
        wanted = new_name or entity.name
        if folded(wanted) != folded(entity.name) and await iam_entities.has_name(tx, kind, wanted):
            raise _taken(kind, wanted)
        await iam_entities.rename(tx, kind, entity.entity_id, name=wanted, path=new_path or entity.path)

    await change(call, body)


async def remove(
    call: Call, kind: Kind, name: str, *, hangs: Callable[[Transaction, Entity], Awaitable[str]] | None = None
) -> None:
    """Remove a user, a group or a role that has no policies left.

    `hangs` says what else must be gone first, in AWS's words, and nothing where nothing must. Raises
    DeleteConflictException, NoSuchEntityException.
    """

    async def body(tx: Transaction) -> None:
        entity = await require(tx, kind, name)
        first = await hangs(tx, entity) if hangs is not None else ""
        if not first and await iam_policies.attached_to(tx, kind, entity.entity_id):
            first = "must detach all policies first."
        if not first and await iam_policies.inline_of(tx, entity.entity_id):
            first = "must delete policies first."
        if first:
            raise DeleteConflictException(f"Cannot delete entity, {first}")
        await iam_entities.delete(tx, kind, entity.entity_id)

    await change(call, body)


def _taken(kind: Kind, name: str) -> EntityAlreadyExistsException:
    return EntityAlreadyExistsException(f"{kind.value.capitalize()} with name {name} already exists.")
