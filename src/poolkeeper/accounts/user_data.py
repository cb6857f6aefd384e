"""What is stored about one user, and how is it erased? For a user who asks for their data, or to be forgotten.

AdminDeleteUser removes what is keyed by the user. An erasure also removes what else names them: their identities in identity
pools, custom challenges under way, and the messages to them that wait, or that development keeps.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from poolkeeper.accounts import users
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.message import Message
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import due, leftovers, user_data
from poolkeeper.store.db import Reader, Transaction

WAITING, CAPTURED = "waiting_messages", "captured_messages"
# Columns of text that we wrote as JSON. All other text is somebody's own, and stays what they wrote, whatever it looks like.
_DOCUMENTS = frozenset({"attributes", "challenges", "details", "feedback", "mfa", "minutes", "times"})

Rows: TypeAlias = list[dict[str, Any]]


async def export(call: Call, pool: Pool, user: User) -> Mapping[str, Rows]:
    """Return everything stored about a user, table by table, without secrets and without the text and codes of messages."""
    tables = await user_data.told(call.db, pool_id=pool.pool_id, user_id=user.sub)
    exported = {name: [_readable(rows.columns, row) for row in rows.values] for name, rows in tables.items()}
    for name, messages in (await _messages(call, call.db, pool, user)).items():
        exported[name] = [
            {"kind": message.kind, "medium": message.medium, "to": message.to, "at": at} for _, message, at in messages
        ]
    return exported


async def erase(call: Call, pool: Pool, user: User) -> Mapping[str, int]:
    """Remove a user and everything that names them; return how many rows went, by table or kind.

    Raises UserNotFoundException where another call removed them first.
    """

    async def remove(tx: Transaction) -> Mapping[str, int] | None:
        tables = await user_data.told(tx, pool_id=pool.pool_id, user_id=user.sub)
        messages = await _messages(call, tx, pool, user)
        if not await users.delete(call, tx, pool, user.sub):
            return None
        also = await leftovers.erase_user(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now)
        removed = Counter({**{name: len(rows.values) for name, rows in tables.items()}, **also})
        for key, _, _ in messages.get(WAITING, ()):
            removed[WAITING] += await due.finish(tx, shard=key[0], job_id=key[1])
        for key, _, _ in messages.get(CAPTURED, ()):
            removed[CAPTURED] += await due.forget_captured(tx, key[1])
        return removed

    removed = await call.db.write(remove)
    if removed is None:
        raise refused(Reason.UNKNOWN_USER)
    return {name: times for name, times in removed.items() if times}


_Key = tuple[int, str]


async def _messages(
    call: Call, reader: Reader, pool: Pool, user: User
) -> Mapping[str, list[tuple[_Key, Message, int]]]:
    """Return the messages to a user that are not sent, and those that development keeps."""
    messages: dict[str, list[tuple[_Key, Message, int]]] = {}
    for name, table, read in ((WAITING, "due", due.messages_of), (CAPTURED, "captured", due.captured_after)):
        key: _Key = (-1, "")
        while rows := await read(reader, pool_id=pool.pool_id, after=key):
            for row in rows:
                message = _opened(call, table, row)
                if message.pool_id == pool.pool_id and _is_to(message, user):
                    messages.setdefault(name, []).append(((row.shard, row.message_id), message, row.at))
            key = (rows[-1].shard, rows[-1].message_id)
    return messages


def _opened(call: Call, table: str, row: due.Sent) -> Message:
    opened = call.house.sealer.open_column(bytes(row.payload), table=table, key=row.message_id, column="payload")
    return msgspec.json.decode(opened, type=Message)


def _is_to(message: Message, user: User) -> bool:
    question = message.question
    return message.username in {user.username, user.sub} or (question is not None and question.user_id == user.sub)


def _readable(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return {column: _value(column, value) for column, value in zip(columns, row, strict=True) if value is not None}


def _value(column: str, value: Any) -> Any:
    """Return a value for JSON: documents decoded, everything else as it is."""
    if isinstance(value, bytes | memoryview):
        try:
            return msgspec.json.decode(bytes(value))
        except msgspec.DecodeError:  # what a history has taught (risk/profile.py)
            return msgspec.msgpack.decode(bytes(value))
    return msgspec.json.decode(value) if value and column in _DOCUMENTS else value
