"""What goes out when a code is asked for? The code and the message that carries it, both in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.accounts import codes
from poolkeeper.call import Call
from poolkeeper.defences import budgets, ghosts
from poolkeeper.lookup import Subject
from poolkeeper.messaging.compose import MEDIUMS, compose, compose_for_worker, post
from poolkeeper.model.client import Client
from poolkeeper.model.message import Message
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A fresh code and the message that carries it.

    `proved`: its address was proved to be the user's before. `asked_for`: it is not sent by an administrator.
    """

    code: codes.Code
    message: Message
    proved: bool
    asked_for: bool


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
    return Outgoing(code, message, proved=user.proved(attribute, destination), asked_for=client is not None)


def outgoing_hidden(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    purpose: str,
    kind: str,
    attribute: str,
    destination: str,
    nobody: bool,
    metadata: Mapping[str, str] | None,
) -> Outgoing:
    """Return a code and its message where existence is hidden: for a user, or for `nobody`, in the same time.

    Triggers: CustomMessage, which the worker calls.
    """
    user = None if nobody else subject.user
    code = codes.new_code(call, purpose=purpose, attribute=attribute, destination=destination)
    message = compose_for_worker(
        call,
        pool,
        client,
        kind=kind,
        user=user or ghosts.stand_in(pool, subject, attribute, destination, now=call.now),
        nobody=user is None,
        attribute=attribute,
        destination=destination,
        code=code.value,
        valid_until=code.expires_at,
        metadata=metadata or {},
    )
    return Outgoing(code, message, proved=user is not None and user.proved(attribute, destination), asked_for=True)


async def send_or_pretend(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    purpose: str,
    kind: str,
    recipient: tuple[str, str] | None,
    pretended: tuple[str, str],
    proved: bool,
    metadata: Mapping[str, str] | None,
) -> tuple[str, str]:
    """Send a code to the subject of a name, and return (attribute, address) of where the client sees it go.

    Without a `recipient` all the same steps are done for the `pretended` one, and budgets count as for an address that is
    `proved` or not (attacks.md 9, 47, 145): only where existence is hidden, and there CustomMessage is called after the
    answer. Raises LimitExceededException, and as `require_way` does.
    """
    attribute, destination = recipient or pretended
    about = {"purpose": purpose, "kind": kind, "attribute": attribute, "destination": destination}
    if client.hides_existence:
        outgoing_code = outgoing_hidden(
            call, pool, client, subject, **about, nobody=recipient is None, metadata=metadata
        )
    else:
        assert subject.user is not None, "else the client was told"
        assert recipient is not None, "else there was a fault"
        outgoing_code = await outgoing(call, pool, client, subject.user, **about, metadata=metadata)

    async def body(tx: Transaction) -> None:
        await send(call, tx, pool, subject.subject_id, outgoing_code)
        if recipient is None:
            await budgets.pretend(
                tx,
                call,
                pool,
                medium=MEDIUMS[attribute],
                address=destination,
                typed=destination == subject.folded,
                kind=kind,
                proved=proved,
            )

    await call.db.write(body)
    return attribute, destination


async def send(
    call: Call, tx: Transaction, pool: Pool, user_id: str, outgoing_code: Outgoing, *, counted: bool = True
) -> None:
    """Make a code the one that counts, and queue its message.

    Where the budgets keep the message back, the former code goes on counting: a stranger who uses the budgets up cannot
    make a user's code worthless.
    """
    if counted:
        await codes.count_sending(tx, call, pool, user_id, outgoing_code.code)
    # For a ghost's message `send_or_pretend` counts the budgets; it is written here like a user's.
    sent = not outgoing_code.message.to or await budgets.spend(
        tx, call, pool, outgoing_code.message, proved=outgoing_code.proved, asked_for=outgoing_code.asked_for
    )
    await codes.put(tx, pool, user_id, outgoing_code.code, now=call.now, sent=sent)
    await post(call, tx, outgoing_code.message, sent=sent)
