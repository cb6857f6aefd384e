"""How does a code that is sent at a sign-in prove an address? Each sign-in has its own row, which is judged once.

Ghosts are handled like users, and no caller learns that nothing is sent to them. The sealed Session names the row, so that a
code of another request never replaces it. Wrong codes count towards the lockout, over all codes (userpools.md 7.3; attacks.md
38-42).
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from poolkeeper.accounts import codes, first_proof, names, status
from poolkeeper.accounts.account_changes import Watch
from poolkeeper.call import Call
from poolkeeper.client_address import client_network
from poolkeeper.defences import budgets, destinations, ghosts, hourly
from poolkeeper.errors import (
    LimitExceededException,
    TooManyRequestsException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.messaging.compose import MEDIUMS, compose, compose_for_worker, post, queue
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.client import Client
from poolkeeper.model.message import Message
from poolkeeper.model.names import looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof
from poolkeeper.model.user import CONFIRMED, UNCONFIRMED, User
from poolkeeper.store import codes as code_rows
from poolkeeper.store.db import Transaction

KIND = "Authentication"
# A code to an address that becomes the user's only with the right answer.
_SETTING_UP = "MfaSetup"
# Codes that one client address may have sent to one user or ghost within an hour: AWS says 5 to 20 (userpools.md 7.3).
# They are counted by address, or a stranger could use up the codes that the user needs to sign in.
_SENDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A fresh code on its way: `purpose` names its row, `destination` is the exact address that it will prove."""

    purpose: str
    value: str = field(repr=False)
    attribute: str
    destination: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a right code proves: the factor, and what matters of its sign-in.

    `first`: nothing was proved before it, so it may be the first proof of its address (first_proof.py).
    `signed_up_here`: this very person signed up just now. `watch` records what such a proof removes, and tells it after the
    commit. `still_wanted` checks the user at that moment, where the address is not theirs yet.
    """

    factor: str
    first: bool
    signed_up_here: bool
    watch: Watch
    still_wanted: Callable[[User], None]


def draw(
    call: Call, *, digits: int, attribute: str, destination: str, expires_at: int, setting_up: bool = False
) -> Code:
    """Draw a code for an address; `setting_up`: the address is not the user's yet. `expires_at` in milliseconds."""
    return Code(
        purpose=f"{_SETTING_UP if setting_up else KIND}:{call.entropy.token(12)}",
        value=call.entropy.digits(digits),
        attribute=attribute,
        destination=destination,
        expires_at=expires_at,
    )


async def write(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    code: Code,
    *,
    proved_before: bool,
    metadata: Mapping[str, str],
) -> Message:
    """Return the message of a code; a ghost's goes nowhere.

    Before anything is proved the caller may be a stranger, from whom existence is hidden: CustomMessage is then called
    after the answer (attacks.md 9, 10). Administrators, and users who have proved something, get its errors. Raises as
    `compose` does.
    """
    about = {
        "kind": KIND,
        "attribute": code.attribute,
        "destination": code.destination,
        "code": code.value,
    }
    user = subject.user
    if user is None or (not proved_before and client.hides_existence and call.caller is None):
        addressee = user or ghosts.stand_in(pool, subject, code.attribute, code.destination, now=call.now)
        return compose_for_worker(
            call,
            pool,
            client,
            **about,
            user=addressee,
            nobody=user is None,
            valid_until=code.expires_at,
            metadata=metadata,
        )
    return await compose(call, pool, client, **about, user=user, valid_until=code.expires_at, metadata=metadata)


async def send(tx: Transaction, call: Call, pool: Pool, subject: Subject, code: Code, message: Message) -> None:
    """Store a code and queue its message, in the transaction of what led to it.

    A ghost's code takes the same steps (attacks.md 9, 47, 145). Raises TooManyRequestsException, since signing in models
    no LimitExceededException.
    """
    await _count(tx, call, pool, subject.subject_id)
    await code_rows.put(
        tx,
        pool_id=pool.pool_id,
        subject_id=subject.subject_id,
        purpose=code.purpose,
        digest=codes.digest(pool, subject.subject_id, code.purpose, code.value),
        attribute=code.attribute,
        destination=code.destination,
        now=call.now,
        expires_at=code.expires_at,
    )
    if subject.user is not None:
        proved = subject.user.proved(code.attribute, code.destination)
        await queue(call, tx, pool, message, proved=proved, asked_for=True)
        return
    await post(call, tx, message)
    await budgets.pretend(
        tx,
        call,
        pool,
        medium=MEDIUMS[code.attribute],
        address=code.destination,
        typed=looks_like_phone(subject.folded),
        kind=KIND,
    )


def require_room(call: Call, pool: Pool) -> None:
    """Raise TooManyRequestsException where too many wrong codes have come from the client's network."""
    try:
        destinations.require_room_for_codes(call, pool)
    except LimitExceededException as refusal:
        raise TooManyRequestsException(refusal.message) from None


def note_wrong(call: Call) -> None:
    """Count a wrong code for the client's network."""
    destinations.note_wrong_code(call, KIND)


async def prove(
    tx: Transaction, call: Call, pool: Pool, subject: Subject, *, purpose: str, given: str, terms: Terms
) -> Proof:
    """Spend the code of a row if `given` is right, verify its address, and return the proof.

    Raises CodeMismatchException, ExpiredCodeException, and AliasExistsException where another user has verified that
    address as a sign-in name.
    """
    row_key = {"pool_id": pool.pool_id, "subject_id": subject.subject_id, "purpose": purpose}
    row = await code_rows.find(tx, **row_key)
    digest = codes.digest(pool, subject.subject_id, purpose, given)
    right = row is not None and hmac.compare_digest(digest, row.digest)
    if row is None or not right or subject.user is None:
        raise refused(Reason.CODE_WRONG)
    if await code_rows.consume(tx, **row_key, digest=digest, now=call.now) != 1:
        raise refused(Reason.CODE_GONE)

    user = await names.fresh(tx, pool, subject.subject_id)
    if purpose.startswith(_SETTING_UP):
        terms.still_wanted(user)
    elif (
        user.attributes.get(row.attribute) != row.destination
    ):  # the address is not the user's any more (attacks.md 20)
        raise refused(Reason.CODE_GONE)
    user = await _verified(
        tx, pool, user, attribute=row.attribute, destination=row.destination, terms=terms, now=call.now
    )
    return Proof(user=user, factor=terms.factor)


async def _verified(
    tx: Transaction, pool: Pool, user: User, *, attribute: str, destination: str, terms: Terms, now: int
) -> User:
    """Return the user with the proved address; a disabled user is returned unchanged."""
    if not user.enabled:
        return user
    news = terms.first and await first_proof.is_news(tx, user, attribute)
    if await names.write(tx, pool, user, {attribute: destination, VERIFIED[attribute]: "true"}, now=now):
        user = await names.fresh(tx, pool, user.sub)
    if news and not terms.signed_up_here:
        user = await first_proof.take_over(tx, pool, user, attribute, watch=terms.watch, now=now)
    if user.status != UNCONFIRMED or not terms.first:
        return user
    return await status.move(tx, user, to=CONFIRMED, now=now)


async def _count(tx: Transaction, call: Call, pool: Pool, subject_id: str) -> None:
    count_key = {
        "pool_id": pool.pool_id,
        "subject_id": subject_id,
        "purpose": f"send:{KIND}:{client_network(call.client_address)}",
    }
    try:
        await hourly.count_if_room(tx, **count_key, limit=_SENDS, now=call.now, by_name=call)
    except LimitExceededException as refusal:
        raise TooManyRequestsException(refusal.message) from None
