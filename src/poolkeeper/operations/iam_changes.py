"""How do users, groups, roles and policies change? In a transaction for each change, which is counted, one after another."""

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
from poolkeeper.model.iam import ID_LENGTH, Entity, Kind, folded
from poolkeeper.operations.iam_lookup import require
from poolkeeper.store import iam_changes, iam_entities, iam_policies
from poolkeeper.store.db import Transaction

T = TypeVar("T")

# Changes that must be judged anew try one at a time in a process: only first attempts of other changes come between.
_ATTEMPTS = 20


class _Overtaken(Exception):  # noqa: N818 - a reason to judge anew, not an error of anybody's
    """Users, roles or policies have changed since the call was allowed."""


async def change(call: Call, body: Callable[[Transaction], Awaitable[T]]) -> T:
    """Run a change. It is counted first, so that no other change alters what it checks before it ends.

    A call that a policy had to allow is judged by the policies at the moment of the change: where anything has changed
    since it was allowed, it is judged anew. Otherwise a caller who may delete and create a user could act on the new one
    by what the old one was. A change that raises is not counted. `body` may run again, and awaits nothing but the
    transaction.

    Raises what judging raises, and ConcurrentModificationException where other changes always come first.
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
    """Return the id of a new entity; the next one of the same name gets another id."""
    return kind.id_prefix + call.entropy.base32(ID_LENGTH)


async def require_room(tx: Transaction, kind: Kind) -> None:
    """Refuse an entity beyond the number that an account may have.

    Raises LimitExceededException.
    """
    if await iam_entities.count(tx, kind) >= kind.most:
        raise LimitExceededException(f"Cannot exceed quota for {kind.plural}PerAccount: {kind.most}")


async def add(tx: Transaction, kind: Kind, entity: Entity) -> None:
    """Add a user, a group or a role, where there is room and its name is free in whatever case.

    Raises EntityAlreadyExistsException, LimitExceededException.
    """
    await require_room(tx, kind)
    if not await iam_entities.insert(tx, kind, entity):
        raise _taken(kind, entity.name)


async def rename(call: Call, kind: Kind, name: str, *, new_name: str | None, new_path: str | None) -> None:
    """Change the name or the path of a user or a group: its ARN changes; its id, and what refers to that, stay.

    Raises EntityAlreadyExistsException, NoSuchEntityException.
    """

    async def body(tx: Transaction) -> None:
        entity = await require(tx, kind, name)
        wanted_name = new_name or entity.name
        if folded(wanted_name) != folded(entity.name) and await iam_entities.has_name(tx, kind, wanted_name):
            raise _taken(kind, wanted_name)
        await iam_entities.rename(tx, kind, entity.entity_id, name=wanted_name, path=new_path or entity.path)

    await change(call, body)


async def remove(
    call: Call, kind: Kind, name: str, *, hangs: Callable[[Transaction, Entity], Awaitable[str]] | None = None
) -> None:
    """Remove a user, a group or a role that has no policies left.

    `hangs` returns what else must go first, as AWS says it, and an empty text where nothing must. Raises
    DeleteConflictException, NoSuchEntityException.
    """

    async def body(tx: Transaction) -> None:
        entity = await require(tx, kind, name)
        obstacle = await hangs(tx, entity) if hangs is not None else ""
        if not obstacle and await iam_policies.attached_to(tx, kind, entity.entity_id):
            obstacle = "must detach all policies first."
        if not obstacle and await iam_policies.inline_of(tx, entity.entity_id):
            obstacle = "must delete policies first."
        if obstacle:
            raise DeleteConflictException(f"Cannot delete entity, {obstacle}")
        await iam_entities.delete(tx, kind, entity.entity_id)

    await change(call, body)


def _taken(kind: Kind, name: str) -> EntityAlreadyExistsException:
    return EntityAlreadyExistsException(f"{kind.value.capitalize()} with name {name} already exists.")
