"""How does a code that was mailed come back? Issued as one row a purpose, redeemed once, by whoever has it in hand.

What cannot be lost or spent twice is decided by the database: the newest code alone counts, a conditional UPDATE
spends it, wrong ones are counted over all codes (attacks.md 38-42).
"""

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from poolkeeper.call import Call
from poolkeeper.clock import DAY, HOUR
from poolkeeper.defences import destinations, hourly
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.pool import Pool
from poolkeeper.store import codes
from poolkeeper.store.db import Transaction

T = TypeVar("T")

DIGITS = 6
LIFETIMES = {"SignUp": DAY, "ForgotPassword": HOUR, "VerifyUserAttribute": DAY}
# The purposes whose codes prove an address that anybody may have named.
_CLAIMS = frozenset({"SignUp", "VerifyUserAttribute"})
# A code for each address, which proves that one; sends and wrong ones are counted over both (userpools.md 7.3).
VERIFY = {attribute: f"VerifyUserAttribute:{attribute}" for attribute in ("email", "phone_number")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A fresh code on its way: `destination` is the exact value that it will prove, of `attribute`."""

    purpose: str
    value: str
    attribute: str
    destination: str
    expires_at: int

    def __repr__(self) -> str:
        return f"Code(purpose={self.purpose!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """Evidence that somebody held a code: what relies on a proved address takes this and not a user id."""

    purpose: str
    attribute: str
    destination: str


class Refusal(Enum):
    """Why a code is not redeemed. It is raised after the commit, so that the count of wrong codes stands."""

    MISMATCH = Reason.VERIFICATION_CODE_WRONG
    EXPIRED = Reason.VERIFICATION_CODE_GONE


def accepted(outcome: T | Refusal) -> T:
    """Return what came of a code in its transaction.

    Raises a refusal, here and not in there, so that the count of wrong codes stands.
    """
    if isinstance(outcome, Refusal):
        raise refused(outcome.value)
    return outcome


def new_code(call: Call, *, purpose: str, attribute: str, destination: str) -> Code:
    """Draw a code for one purpose."""
    return Code(
        purpose=purpose,
        value=call.entropy.digits(DIGITS),
        attribute=attribute,
        destination=destination,
        expires_at=call.now + LIFETIMES[_kind(purpose)],
    )


async def count_sending(tx: Transaction, call: Call, pool: Pool, subject_id: str, code: Code) -> None:
    """Count the sending of a code that somebody asked for.

    What SignUp sends is not counted, or the limit of a resend would come one call earlier for those who exist. Raises
    LimitExceededException at the sixth of one purpose within an hour.
    """
    place = {"pool_id": pool.pool_id, "subject_id": subject_id}
    purpose = f"send:{_kind(code.purpose)}"
    await hourly.count_if_room(tx, **place, purpose=purpose, limit=hourly.SENDS, now=call.now, by_name=call)


async def put(tx: Transaction, pool: Pool, subject_id: str, code: Code, *, now: int, sent: bool = True) -> None:
    """Make `code` the one that counts. One that is not sent takes no place of one that may be in somebody's hands."""
    await codes.put(
        tx,
        pool_id=pool.pool_id,
        subject_id=subject_id,
        purpose=code.purpose,
        digest=digest(pool, subject_id, code.purpose, code.value),
        attribute=code.attribute,
        destination=code.destination,
        now=now,
        expires_at=code.expires_at,
        sent=sent,
    )


async def redeem(
    tx: Transaction,
    call: Call,
    pool: Pool,
    subject_id: str,
    *,
    purpose: str,
    given: str,
    without_code: Refusal = Refusal.EXPIRED,
    nobodys: bool = False,
) -> Redeemed | Refusal:
    """Spend the code of a purpose if `given` is it; else say why not, with the wrong one counted.

    `without_code` is the answer where no code is waited for: none was asked for, it has been spent, or it has expired;
    the last two are told to whoever knows it alone. `nobodys` says that it is a ghost's. Raises LimitExceededException once
    as many wrong ones were given within an hour as the purpose allows, or the address if nobody has proved it yet, or the
    network that they come from.
    """
    place, now = {"pool_id": pool.pool_id, "subject_id": subject_id}, call.now
    destinations.require_room_for_codes(call, pool)
    wrong = f"wrong:{_kind(purpose)}"
    await hourly.require_room(tx, **place, purpose=wrong, limit=hourly.WRONG_CODES[_kind(purpose)], now=now)

    kept = await codes.find(tx, **place, purpose=purpose)
    expected = digest(pool, subject_id, purpose, given)
    right = kept is not None and hmac.compare_digest(expected, kept.digest)
    if kept is None or not kept.is_awaited(now):
        await hourly.count(tx, **place, purpose=wrong, now=now, by_name=call)
        destinations.note_wrong_code(call, purpose)
        return Refusal.EXPIRED if right else without_code
    claimed = _claimed(pool, purpose, kept.destination, nobodys=nobodys)
    if not right:
        await hourly.count(tx, **place, purpose=wrong, now=now, by_name=call)
        if claimed is not None:
            await destinations.take_wrong_code(tx, call, pool, claimed)
        destinations.note_wrong_code(call, purpose)
        return Refusal.MISMATCH
    if claimed is not None:
        await destinations.require_room_at(tx, call, pool, claimed)
    if await codes.consume(tx, **place, purpose=purpose, digest=expected, now=now) != 1:
        return Refusal.EXPIRED
    return Redeemed(purpose=purpose, attribute=kept.attribute, destination=kept.destination)


async def fits(call: Call, pool: Pool, subject_id: str, *, purpose: str, given: str) -> Redeemed | None:
    """Return what `given` would prove now, None where it is not the code: for work that should follow a right one alone.

    Nothing is spent. A wrong one is not counted here, so whoever asks must redeem it after that. Raises LimitExceededException as
    `redeem` does, so that nothing can be learnt once the attempts are used up.
    """
    place = {"pool_id": pool.pool_id, "subject_id": subject_id}
    kind = _kind(purpose)
    destinations.require_room_for_codes(call, pool)
    await hourly.require_room(call.db, **place, purpose=f"wrong:{kind}", limit=hourly.WRONG_CODES[kind], now=call.now)
    kept = await codes.find(call.db, **place, purpose=purpose)
    if kept is None or not kept.is_awaited(call.now):
        return None
    right = hmac.compare_digest(digest(pool, subject_id, purpose, given), kept.digest)
    return Redeemed(purpose=purpose, attribute=kept.attribute, destination=kept.destination) if right else None


async def pending(call: Call, pool: Pool, subject_id: str, *, purpose: str) -> str | None:
    """Return the address that a code in somebody's hands would prove, None where no code is waited for."""
    kept = await codes.find(call.db, pool_id=pool.pool_id, subject_id=subject_id, purpose=purpose)
    return None if kept is None or not kept.is_awaited(call.now) else kept.destination


async def was_redeemed(call: Call, pool: Pool, subject_id: str, *, purpose: str, given: str) -> bool:
    """Say whether `given` is the very code that was spent last: whoever knows it may be told that it was."""
    kept = await codes.find(call.db, pool_id=pool.pool_id, subject_id=subject_id, purpose=purpose)
    expected = digest(pool, subject_id, purpose, given)
    return kept is not None and kept.consumed_at is not None and hmac.compare_digest(expected, kept.digest)


def _claimed(pool: Pool, purpose: str, address: str, *, nobodys: bool) -> str | None:
    """Return what stands for the address that a code would prove, None where it was proved before."""
    if _kind(purpose) not in _CLAIMS:
        return None
    return destinations.nobodys_key(pool, address) if nobodys else destinations.key_of(pool, address)


def _kind(purpose: str) -> str:
    return purpose.partition(":")[0]


def digest(pool: Pool, subject_id: str, purpose: str, value: str) -> bytes:
    """Return what is kept of a code: under a key that is not in the database, since six digits are soon tried."""
    message = f"code\x00{subject_id}\x00{purpose}\x00{value}".encode()
    return hmac.digest(pool.secret, message, hashlib.sha256)
