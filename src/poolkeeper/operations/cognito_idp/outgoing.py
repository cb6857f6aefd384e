"""What goes out when a code is asked for? The code, the message that carries it, and both in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.auth import codes
from poolkeeper.call import Call
from poolkeeper.messaging.compose import compose, queue
from poolkeeper.model.client import Client
from poolkeeper.model.message import Message
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A fresh code and the message that carries it."""

    code: codes.Code
    message: Message


async def outgoing(
    call: Call,
    pool: Pool,
    client: Client | None,
    user: User,
    *,
    purpose: str,
    kind: str,
    attribute: str,
    destination: str,
    metadata: Mapping[str, str] | None,
) -> Outgoing:
    """Return a code for one purpose and its message to one address of a user; `kind` is the trigger-style name.

    Triggers: CustomMessage.
    """
    code = codes.new_code(call, purpose=purpose, attribute=attribute, destination=destination)
    message = await compose(
        call,
        pool,
        client,
        kind=kind,
        user=user,
        attribute=attribute,
        destination=destination,
        code=code.value,
        valid_until=code.expires_at,
        metadata=metadata or {},
    )
    return Outgoing(code, message)


async def send(call: Call, tx: Transaction, pool: Pool, user_id: str, one: Outgoing, *, counted: bool = True) -> None:
    """Make a code the one that counts, and put its message on the worker's list."""
    await codes.issue(tx, pool, user_id, one.code, now=call.now, unasked=not counted)
    await queue(call, tx, one.message)
