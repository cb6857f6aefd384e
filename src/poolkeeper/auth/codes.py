"""How does a code that was mailed come back? Issued as one row a purpose, redeemed once, by whoever has it in hand.

What cannot be lost or spent twice is decided by the database: the newest code alone counts, a conditional UPDATE
spends it, wrong ones are counted over all codes (attacks.md 38-42).
"""

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum

from poolkeeper.auth import hourly
from poolkeeper.call import Call
from poolkeeper.clock import DAY, HOUR
from poolkeeper.errors import CodeMismatchException, ExpiredCodeException
from poolkeeper.model.pool import Pool
from poolkeeper.store import attempts
from poolkeeper.store.db import Transaction

DIGITS = 6
LIFETIMES = {"SignUp": DAY, "ForgotPassword": HOUR, "VerifyUserAttribute": DAY}
# A code for each address, which proves that one; sends and wrong ones are counted over both (contract 7.3).
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

    MISMATCH = CodeMismatchException("Invalid verification code provided, please try again.")
    EXPIRED = ExpiredCodeException("Invalid code provided, please request a code again.")


def new_code(call: Call, *, purpose: str, attribute: str, destination: str) -> Code:
    """Draw a code for one purpose."""
    return Code(
        purpose=purpose,
        value=call.entropy.digits(DIGITS),
        attribute=attribute,
        destination=destination,
        expires_at=call.now + LIFETIMES[_kind(purpose)],
    )


async def issue(tx: Transaction, pool: Pool, subject_id: str, code: Code, *, now: int, unasked: bool = False) -> None:
    """Make `code` the one that counts, and count the sending of it unless nobody asked for it.

    Raises LimitExceededException at the sixth of one purpose within an hour. A ghost's code is issued like a user's;
    what SignUp sends is not counted, or the limit of a resend would come one call earlier for those who exist.
    """
    place = {"pool_id": pool.pool_id, "subject_id": subject_id}
    if not unasked:
        await hourly.count_if_room(tx, **place, purpose=f"send:{_kind(code.purpose)}", limit=hourly.SENDS, now=now)
    await attempts.put_code(
        tx,
        **place,
        purpose=code.purpose,
        digest=digest(pool, subject_id, code.purpose, code.value),
        attribute=code.attribute,
        destination=code.destination,
        now=now,
        expires_at=code.expires_at,
    )


async def redeem(
    tx: Transaction,
    pool: Pool,
    subject_id: str,
    *,
    purpose: str,
    given: str,
    now: int,
    without_code: Refusal = Refusal.EXPIRED,
) -> Redeemed | Refusal:
    """Spend the code of a purpose if `given` is it; else say why not, with the wrong one counted.

    `without_code` is the answer where no code is waited for: none was asked for, it has been spent, or it has expired;
    the last two are told to whoever knows it alone. Raises LimitExceededException once as many wrong ones as the purpose allows
    were given within an hour.
    """
    place = {"pool_id": pool.pool_id, "subject_id": subject_id}
    wrong = f"wrong:{_kind(purpose)}"
    await hourly.require_room(tx, **place, purpose=wrong, limit=hourly.WRONG_CODES[_kind(purpose)], now=now)

    row = await attempts.code(tx, **place, purpose=purpose)
    expected = digest(pool, subject_id, purpose, given)
    right = row is not None and hmac.compare_digest(expected, bytes(row[0]))
    if row is None or row[4] is not None or row[3] <= now:
        await hourly.count(tx, **place, purpose=wrong, now=now)
        return Refusal.EXPIRED if right else without_code
    if not right:
        await hourly.count(tx, **place, purpose=wrong, now=now)
        return Refusal.MISMATCH
    if await attempts.consume_code(tx, **place, purpose=purpose, digest=expected, now=now) != 1:
        return Refusal.EXPIRED
    return Redeemed(purpose=purpose, attribute=row[1], destination=row[2])


async def fits(call: Call, pool: Pool, subject_id: str, *, purpose: str, given: str) -> bool:
    """Say whether `given` would be redeemed now, for work that should follow a right code alone; nothing is spent.

    A wrong one is not counted here, so whoever asks must redeem it after that. Raises LimitExceededException as
    `redeem` does, so that nothing can be learnt once the attempts are used up.
    """
    place = {"pool_id": pool.pool_id, "subject_id": subject_id}
    kind = _kind(purpose)
    await hourly.require_room(call.db, **place, purpose=f"wrong:{kind}", limit=hourly.WRONG_CODES[kind], now=call.now)
    row = await attempts.code(call.db, **place, purpose=purpose)
    if row is None or row[3] <= call.now or row[4] is not None:
        return False
    return hmac.compare_digest(digest(pool, subject_id, purpose, given), bytes(row[0]))


async def pending(call: Call, pool: Pool, subject_id: str, *, purpose: str) -> str | None:
    """Return the address that a code in somebody's hands would prove, None where no code is waited for."""
    row = await attempts.code(call.db, pool_id=pool.pool_id, subject_id=subject_id, purpose=purpose)
    return None if row is None or row[3] <= call.now or row[4] is not None else str(row[2])


async def was_redeemed(call: Call, pool: Pool, subject_id: str, *, purpose: str, given: str) -> bool:
    """Say whether `given` is the very code that was spent last: whoever knows it may be told that it was."""
    row = await attempts.code(call.db, pool_id=pool.pool_id, subject_id=subject_id, purpose=purpose)
    expected = digest(pool, subject_id, purpose, given)
    return row is not None and row[4] is not None and hmac.compare_digest(expected, bytes(row[0]))


def _kind(purpose: str) -> str:
    return purpose.partition(":")[0]


def digest(pool: Pool, subject_id: str, purpose: str, value: str) -> bytes:
    """Return what is kept of a code: under a key that is not in the database, since six digits are soon tried."""
    message = f"code\x00{subject_id}\x00{purpose}\x00{value}".encode()
    return hmac.digest(pool.secret, message, hashlib.sha256)
