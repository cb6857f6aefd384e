"""How is a mailed code stored and redeemed? As one row for each purpose, once, by whoever has it.

The database makes sure that no code is lost or spent twice: only the newest code counts, a conditional UPDATE spends it,
and wrong ones are counted over all codes (attacks.md 38-42).
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
# Each address has its own code, which proves that address alone; sends and wrong codes are counted over both
# (userpools.md 7.3).
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
    """Evidence that a caller held a code: what relies on a proved address takes this and not a user id."""

    purpose: str
    attribute: str
    destination: str


class Refusal(Enum):
    """Why a code is not redeemed. It is raised after the commit, so that the count of wrong codes is kept."""

    MISMATCH = Reason.VERIFICATION_CODE_WRONG
    EXPIRED = Reason.VERIFICATION_CODE_GONE


def accepted(outcome: T | Refusal) -> T:
    """Return the result of a code's transaction.

    Raises a refusal here and not within the transaction, so that the count of wrong codes is kept.
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
    """Count the sending of a code that a caller asked for.

    SignUp's own code is not counted, or the limit of resending would come one call earlier for users than for ghosts.
    Raises LimitExceededException at the sixth of one purpose within an hour.
    """
    subject_key = {"pool_id": pool.pool_id, "subject_id": subject_id}
    purpose = f"send:{_kind(code.purpose)}"
    await hourly.count_if_room(tx, **subject_key, purpose=purpose, limit=hourly.SENDS, now=call.now, by_name=call)


async def put(tx: Transaction, pool: Pool, subject_id: str, code: Code, *, now: int, sent: bool = True) -> None:
    """Make `code` the one that counts. A code that is not sent never replaces one that the user may have received."""
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
    """Spend the code of a purpose if `given` is right; else count a wrong one, and return why.

    `without_code` is the answer where no code is awaited: none was asked for, or it is spent or has expired; only who
    knows the code learns of the last two. `nobodys`: the code is a ghost's. Raises LimitExceededException once as many
    wrong ones came within an hour as are allowed for the purpose, for an address that nobody has proved yet, or for the
    network that they come from.
    """
    subject_key, now = {"pool_id": pool.pool_id, "subject_id": subject_id}, call.now
    destinations.require_room_for_codes(call, pool)
    wrong = f"wrong:{_kind(purpose)}"
    await hourly.require_room(tx, **subject_key, purpose=wrong, limit=hourly.WRONG_CODES[_kind(purpose)], now=now)

    row = await codes.find(tx, **subject_key, purpose=purpose)
    expected = digest(pool, subject_id, purpose, given)
    right = row is not None and hmac.compare_digest(expected, row.digest)
    if row is None or not row.is_awaited(now):
        await hourly.count(tx, **subject_key, purpose=wrong, now=now, by_name=call)
        destinations.note_wrong_code(call, purpose)
        return Refusal.EXPIRED if right else without_code
    claimed = _claimed(pool, purpose, row.destination, nobodys=nobodys)
    if not right:
        await hourly.count(tx, **subject_key, purpose=wrong, now=now, by_name=call)
        if claimed is not None:
            await destinations.take_wrong_code(tx, call, pool, claimed)
        destinations.note_wrong_code(call, purpose)
        return Refusal.MISMATCH
    if claimed is not None:
        await destinations.require_room_at(tx, call, pool, claimed)
    if await codes.consume(tx, **subject_key, purpose=purpose, digest=expected, now=now) != 1:
        return Refusal.EXPIRED
    return Redeemed(purpose=purpose, attribute=row.attribute, destination=row.destination)


async def fits(call: Call, pool: Pool, subject_id: str, *, purpose: str, given: str) -> Redeemed | None:
    """Return what `given` would prove now, None where it is wrong: for work that only a right code should cause.

    Nothing is spent, and a wrong code is not counted here, so the caller must redeem it afterwards. Raises
    LimitExceededException as `redeem` does, so that nothing can be learnt once the attempts are used up.
    """
    subject_key = {"pool_id": pool.pool_id, "subject_id": subject_id}
    kind = _kind(purpose)
    destinations.require_room_for_codes(call, pool)
    await hourly.require_room(
        call.db, **subject_key, purpose=f"wrong:{kind}", limit=hourly.WRONG_CODES[kind], now=call.now
    )
    row = await codes.find(call.db, **subject_key, purpose=purpose)
    if row is None or not row.is_awaited(call.now):
        return None
    right = hmac.compare_digest(digest(pool, subject_id, purpose, given), row.digest)
    return Redeemed(purpose=purpose, attribute=row.attribute, destination=row.destination) if right else None


async def pending(call: Call, pool: Pool, subject_id: str, *, purpose: str) -> str | None:
    """Return the address that a code on its way would prove, None where no code is awaited."""
    row = await codes.find(call.db, pool_id=pool.pool_id, subject_id=subject_id, purpose=purpose)
    return None if row is None or not row.is_awaited(call.now) else row.destination


async def was_redeemed(call: Call, pool: Pool, subject_id: str, *, purpose: str, given: str) -> bool:
    """Say whether `given` is the very code that was spent last: whoever knows it may learn that."""
    row = await codes.find(call.db, pool_id=pool.pool_id, subject_id=subject_id, purpose=purpose)
    expected = digest(pool, subject_id, purpose, given)
    return row is not None and row.consumed_at is not None and hmac.compare_digest(expected, row.digest)


def _claimed(pool: Pool, purpose: str, address: str, *, nobodys: bool) -> str | None:
    """Return the key of the address that a code would prove, None where it was proved before."""
    if _kind(purpose) not in _CLAIMS:
        return None
    return destinations.nobodys_key(pool, address) if nobodys else destinations.key_of(pool, address)


def _kind(purpose: str) -> str:
    return purpose.partition(":")[0]


def digest(pool: Pool, subject_id: str, purpose: str, value: str) -> bytes:
    """Return the digest of a code to store: by a key outside the database, since six digits are soon guessed."""
    message = f"code\x00{subject_id}\x00{purpose}\x00{value}".encode()
    return hmac.digest(pool.secret, message, hashlib.sha256)
