"""How is a changed address proved? By a code that goes out with the change, and that the user brings back.

A code row keeps the exact address that its code was sent to, so that it proves no other (attacks.md 20); where the pool
verifies before an update, the new address waits in that row.
"""

from collections.abc import Mapping

from poolkeeper.accounts import codes, links, mfa_guard, names, own_word
from poolkeeper.accounts.account_changes import ADMINISTRATOR, USER, Watch
from poolkeeper.accounts.outgoing import Outgoing, outgoing, send
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, LimitExceededException, TooManyRequestsException
from poolkeeper.lookup import Bearer
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.changes import Change, plan
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import codes as code_rows
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_still


async def change(
    call: Call,
    pool: Pool,
    client: Client | None,
    user: User,
    given: Mapping[str, str],
    *,
    metadata: Mapping[str, str] | None = None,
    bearer: Bearer | None = None,
) -> list[Outgoing]:
    """Change a user's attributes (an empty value removes one) and return the codes that go out for the change.

    `client` is None where an administrator changes them, and `bearer` is the user who does so by token; codes that users
    send themselves are counted. Checks the schema, not who may write what. Sign-in names move in the same transaction
    (userpools.md 5.3, 5.4).
    Triggers: CustomMessage. Raises InvalidParameterException, AliasExistsException, and TooManyRequestsException, since
    UpdateUserAttributes models no LimitExceededException.
    """
    pool.schema.check_changes(user.attributes, given)
    names.require_forms(pool, given)
    if client is not None:
        await links.require_nobodys(call, pool, given)
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

    watch = Watch(call, pool, user.sub, by=ADMINISTRATOR if client is None else USER)

    async def body(tx: Transaction) -> None:
        before = await _current_user(call, tx, pool, user, given, bearer)
        await names.write(tx, pool, before, planned.writes, now=call.now, by_itself=bearer is not None)
        if bearer is None:  # an administrator vouches for the present addresses too
            await own_word.vouch(tx, pool.pool_id, user.sub, [name for name in VERIFIED if name in given])
        await watch.saw(tx, before, writes=planned.writes)
        for attribute in VERIFIED:
            if attribute in given or VERIFIED[attribute] in given:
                await code_rows.drop(tx, pool_id=pool.pool_id, subject_id=user.sub, purpose=codes.VERIFY[attribute])
        for code in sent:
            await send(call, tx, pool, user.sub, code, counted=client is not None)

    try:
        await call.db.write(body)
    except LimitExceededException as refusal:
        raise TooManyRequestsException(refusal.message) from None
    watch.tell()
    return sent


async def send_code(call: Call, bearer: Bearer, attribute: str, *, metadata: Mapping[str, str] | None) -> str:
    """Send a code to the address that waits for one, else to the present one, and return that address.

    The former code becomes worthless. Triggers: CustomMessage. Raises InvalidParameterException where there is no
    address, LimitExceededException, and as `require_way` does.
    """
    pool, user = bearer.pool, bearer.user
    _require_address_name(attribute)
    pending = None
    if attribute in pool.verified_first:
        pending = await codes.pending(call, pool, user.sub, purpose=codes.VERIFY[attribute])
    destination = pending or user.attributes.get(attribute)
    if destination is None:
        noun = "email address" if attribute == "email" else "phone number"
        raise InvalidParameterException(f"User does not have a valid registered {noun}")
    code = await outgoing(
        call,
        pool,
        bearer.client,
        user,
        purpose=codes.VERIFY[attribute],
        kind="VerifyUserAttribute",
        attribute=attribute,
        destination=destination,
        metadata=metadata,
    )

    async def body(tx: Transaction) -> None:
        await require_still(tx, bearer)
        await send(call, tx, pool, user.sub, code)

    await call.db.write(body)
    return destination


async def verify(call: Call, bearer: Bearer, attribute: str, *, code: str) -> None:
    """Take the code as proof of the address that it was sent to.

    Raises CodeMismatchException, ExpiredCodeException, LimitExceededException; AliasExistsException where the address
    has become another user's sign-in name, which leaves the code unspent.
    """
    pool = bearer.pool
    _require_address_name(attribute)
    watch = Watch(call, pool, bearer.user.sub, by=USER)

    async def body(tx: Transaction) -> codes.Redeemed | codes.Refusal:
        user = await require_still(tx, bearer)
        redeemed = await codes.redeem(tx, call, pool, user.sub, purpose=codes.VERIFY[attribute], given=code)
        if isinstance(redeemed, codes.Refusal):
            return redeemed
        return await _prove(tx, pool, user, redeemed, watch, now=call.now)

    codes.accepted(await call.db.write(body))
    watch.tell()


def _require_address_name(name: str) -> None:
    if name not in codes.VERIFY:
        raise InvalidParameterException("Invalid attribute name. Only phone_number and email can be verified.")


async def _prove(
    tx: Transaction, pool: Pool, user: User, redeemed: codes.Redeemed, watch: Watch, *, now: int
) -> codes.Redeemed | codes.Refusal:
    """Mark the address that a code was sent to as verified; a pending address replaces the present one.

    `user` was read in the same transaction, `watch` compares the addresses. Raises AliasExistsException where another user
    has proved the address meanwhile.
    """
    attribute, address = redeemed.attribute, redeemed.destination
    if user.attributes.get(attribute) != address and attribute not in pool.verified_first:
        return codes.Refusal.EXPIRED
    writes = {attribute: address, VERIFIED[attribute]: "true"}
    await names.write(tx, pool, user, writes, now=now)
    await watch.saw(tx, user, writes=writes)
    return redeemed


async def _current_user(
    call: Call, tx: Transaction, pool: Pool, user: User, given: Mapping[str, str], bearer: Bearer | None
) -> User:
    """Return the user as of this transaction, if whoever changes them may still do so."""
    if bearer is None:
        return await names.fresh(tx, pool, user.sub)
    fresh = await require_still(tx, bearer)
    mfa_guard.require_proof_for_addresses(call, bearer, fresh, given)
    return fresh


def _to_prove(pool: Pool, change: Change) -> list[tuple[str, str]]:
    """Return the addresses that get a code: those that wait for one, and those that the pool verifies by itself."""
    return [*change.pending, *(pair for pair in change.unproved if pair[0] in pool.auto_verified)]
