"""How is a changed address proved? The code that goes out with the change, and what it brings when it comes back.

A code row keeps the exact address that it was sent to, so that it proves that one and no other (attacks.md 20); where
the pool verifies before an update, that row is also where the new address waits.
"""

from collections.abc import Mapping

from poolkeeper.auth import codes, names
from poolkeeper.call import Call
from poolkeeper.errors import LimitExceededException, TooManyRequestsException
from poolkeeper.messaging import notices
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.changes import Change, plan
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.operations.cognito_idp.outgoing import Outgoing, outgoing, send
from poolkeeper.store import attempts
from poolkeeper.store.db import Transaction


async def change(
    call: Call,
    pool: Pool,
    client: Client | None,
    user: User,
    given: Mapping[str, str],
    *,
    metadata: Mapping[str, str] | None = None,
) -> list[Outgoing]:
    """Change a user's attributes (an empty value removes one) and return the codes that are on their way for it.

    `client` is None where an administrator changes them; codes that a user sends himself are counted. Checks the
    schema, not who may write what. Sign-in names move in the same transaction (contract, user pools 5.3, 5.4).
    Triggers: CustomMessage. Raises InvalidParameterException, AliasExistsException, and TooManyRequestsException, since
    UpdateUserAttributes models no LimitExceededException.
    """
    pool.schema.check_changes(user.attributes, given)
    names.require_forms(pool, given)
    planned = plan(pool, user.attributes, given)
    for attribute, address in planned.pending:
        await names.require_free(call.db, pool, user.sub, attribute=attribute, name=address)
    sent = [
        await outgoing(
            call,
            pool,
            client,
            user,
            purpose=codes.VERIFY[attribute],
            kind="UpdateUserAttribute",
            attribute=attribute,
            destination=address,
            metadata=metadata,
        )
        for attribute, address in _to_prove(pool, planned)
    ]

    async def body(tx: Transaction) -> None:
        before = await names.fresh(tx, pool, user.sub)
        await names.write(tx, pool, before, planned.writes, now=call.now)
        if client is not None and "email" in planned.writes:
            await notices.email_moved(call, tx, pool, before=before, now_at=planned.writes["email"] or None)
        for attribute in VERIFIED:
            if attribute in given or VERIFIED[attribute] in given:
                await attempts.drop_code(tx, pool_id=pool.pool_id, subject_id=user.sub, purpose=codes.VERIFY[attribute])
        for one in sent:
            await send(call, tx, pool, user.sub, one, counted=client is not None)

    try:
        await call.db.write(body)
    except LimitExceededException as refusal:
        raise TooManyRequestsException(refusal.message) from None
    return sent


async def prove(
    call: Call, tx: Transaction, pool: Pool, user_id: str, redeemed: codes.Redeemed
) -> codes.Redeemed | codes.Refusal:
    """Mark the address that a code was sent to as verified; a pending one takes the place of the one before it.

    Raises AliasExistsException where somebody else has proved it meanwhile.
    """
    user = await names.fresh(tx, pool, user_id)
    attribute, address = redeemed.attribute, redeemed.destination
    if user.attributes.get(attribute) != address and attribute not in pool.verified_first:
        return codes.Refusal.EXPIRED
    await names.write(tx, pool, user, {attribute: address, VERIFIED[attribute]: "true"}, now=call.now)
    if attribute == "email":
        await notices.email_moved(call, tx, pool, before=user, now_at=address)
    return redeemed


def _to_prove(pool: Pool, change: Change) -> list[tuple[str, str]]:
    """Return the addresses that a code goes to: what waits for one, and what the pool verifies by itself."""
    return [*change.pending, *(pair for pair in change.unproved if pair[0] in pool.auto_verified)]
