"""How often within an hour? Sends and wrong codes of a user or ghost, in a sliding window (userpools.md 7.3)."""

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import HOUR
from poolkeeper.defences import newcomers
from poolkeeper.errors import ServiceError
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.store import hourly as rows
from poolkeeper.store.db import Reader, Transaction

SENDS = 5
WRONG_CODES = {"SignUp": 15, "ForgotPassword": 10, "VerifyUserAttribute": 15}
PASSWORD_CHANGES = 5

# Times that are over an hour old stay in a row until there are this many.
_MOST_STALE = 16

_decode = msgspec.json.Decoder(list[int]).decode


async def require_room(reader: Reader, *, pool_id: str, subject_id: str, purpose: str, limit: int, now: int) -> None:
    """Pass while fewer than `limit` events stand within the last hour.

    Raises LimitExceededException, for the right code too.
    """
    row = await rows.find(reader, pool_id=pool_id, subject_id=subject_id, purpose=purpose)
    if row is not None and sum(at > now - HOUR for at in _decode(row.times)) >= limit:
        raise too_many()


async def count(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, now: int, by_name: Call | None) -> int:
    """Count one event, and return how many stand within the last hour; concurrent events are never lost.

    `by_name` is the request of a stranger who gave a name. Raises LimitExceededException where their network may begin no
    count of another name (newcomers.py); the transaction ends then and nothing is counted.
    """
    row_key = {"pool_id": pool_id, "subject_id": subject_id, "purpose": purpose}
    noted = await rows.note(tx, **row_key, now=now, hour=HOUR)
    if noted.begun and by_name is not None and not newcomers.has_room(by_name, subject_id):
        raise too_many()
    times = _decode(noted.times)
    recent = [at for at in times if at > now - HOUR]
    if len(times) - len(recent) >= _MOST_STALE:
        recent_times = msgspec.json.encode(recent).decode()
        await rows.put(tx, **row_key, times=recent_times, expected_version=noted.version, expires_at=now + HOUR)
    return len(recent)


async def count_if_room(
    tx: Transaction,
    *,
    pool_id: str,
    subject_id: str,
    purpose: str,
    limit: int,
    now: int,
    by_name: Call | None,
) -> None:
    """Count one event where there is room for it: `require_room` and `count` with one read.

    Raises LimitExceededException; the transaction ends then and nothing is counted.
    """
    row_key = {"pool_id": pool_id, "subject_id": subject_id, "purpose": purpose}
    if await count(tx, **row_key, now=now, by_name=by_name) > limit:
        raise too_many()


def too_many() -> ServiceError:
    """Return the error for what was done too often, with AWS's error message."""
    return refused(Reason.TOO_MANY_ATTEMPTS)
