"""How often within an hour? Sends and wrong codes of a user or ghost, in a sliding window (contract, user pools 7.3)."""

import msgspec

from poolkeeper.clock import HOUR
from poolkeeper.errors import LimitExceededException
from poolkeeper.store import attempts
from poolkeeper.store.db import Conflict, Reader, Transaction

SENDS = 5
WRONG_CODES = {"SignUp": 15, "ForgotPassword": 10, "VerifyUserAttribute": 15}
PASSWORD_CHANGES = 5

_decode = msgspec.json.Decoder(list[int]).decode


async def require_room(reader: Reader, *, pool_id: str, subject_id: str, purpose: str, limit: int, now: int) -> None:
    """Pass while fewer than `limit` events stand within the last hour.

    Raises LimitExceededException, for the right code too.
    """
    times, _ = await _recent(reader, pool_id, subject_id, purpose, now)
    _require_below(times, limit)


async def count(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, now: int) -> None:
    """Count one event; of several at once none is lost, since the loser of the compare-and-set runs again."""
    times, version = await _recent(tx, pool_id, subject_id, purpose, now)
    await _put(tx, pool_id, subject_id, purpose, times=[*times, now], version=version)


async def count_if_room(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, limit: int, now: int) -> None:
    """Count one event where there is room for it: `require_room` and `count` by one look.

    Raises LimitExceededException.
    """
    times, version = await _recent(tx, pool_id, subject_id, purpose, now)
    _require_below(times, limit)
    await _put(tx, pool_id, subject_id, purpose, times=[*times, now], version=version)


def _require_below(times: list[int], limit: int) -> None:
    if len(times) >= limit:
        raise LimitExceededException("Attempt limit exceeded, please try after some time.")


async def _put(tx: Transaction, pool_id: str, subject_id: str, purpose: str, *, times: list[int], version: int) -> None:
    stored = await attempts.put_hourly(
        tx,
        pool_id=pool_id,
        subject_id=subject_id,
        purpose=purpose,
        times=msgspec.json.encode(times).decode(),
        expected_version=version,
        expires_at=times[-1] + HOUR,
    )
    if stored != 1:
        raise Conflict


async def _recent(reader: Reader, pool_id: str, subject_id: str, purpose: str, now: int) -> tuple[list[int], int]:
    row = await attempts.hourly(reader, pool_id=pool_id, subject_id=subject_id, purpose=purpose)
    if row is None:
        return [], 0
    return [at for at in _decode(row[0]) if at > now - HOUR], row[1]
