"""How many wrong proofs may somebody give? The lockout curve of a user or ghost, and one proof of one id at a time.

From the fifth wrong proof on, the n-th locks for 2^(n-5) s, at most 15 minutes; attempts while locked do not count; the
count begins anew after 15 minutes without an attempt, or after a sign-in (userpools.md 7.3). While the pool tracks
devices, attempts that name a remembered device of the user count in a bucket of their own: a lock that strangers cause
does not shut out that device (attacks.md 23).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from poolkeeper.call import Call
from poolkeeper.clock import MINUTE
from poolkeeper.defences import newcomers
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model.pool import Pool
from poolkeeper.store import lockouts

WINDOW = 15 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One proof under examination, alone for its id. `failures` is the number of wrong proofs before it.

    `first`: the id has no count yet.
    """

    call: Call
    pool: Pool
    subject: Subject
    failures: int
    first: bool

    async def failed(self) -> None:
        """Count this proof as wrong, before the next one of the same id begins.

        Raises NotAuthorizedException as while locked, where the client's network may begin no count of another name
        (newcomers.py).
        """
        if self.first and not newcomers.has_room(self.call, self.subject.subject_id):
            raise refused(Reason.NETWORK_FULL)
        await lockouts.count(
            self.call.db,
            pool_id=self.pool.pool_id,
            subject_id=self.subject.subject_id,
            bucket=self.subject.bucket,
            now=self.call.now,
            window=WINDOW,
        )


def bucket(pool: Pool, subject: Subject, begun: str) -> str:
    """Return the bucket of a sign-in's proofs: the device that it was `begun` on, while its pool tracks devices."""
    return "" if pool.devices is None else subject.bucket or begun


@asynccontextmanager
async def trial(call: Call, pool: Pool, subject: Subject) -> AsyncIterator[Trial]:
    """Examine one proof of a user or ghost: alone in this process, with the lock looked at first (attacks.md 24).

    A remembered device has its own queue, as it has its own count: it does not wait behind strangers who guess at its
    user's password. Raises NotAuthorizedException `Password attempts exceeded` while locked, TooManyRequestsException
    when too many wait for the same id.
    """
    if subject.bucket:
        call.trace.known_user = subject.subject_id
    async with call.house.locks.hold(f"{pool.pool_id}/{subject.subject_id}/{subject.bucket}"):
        failures = await _failures(call, pool, subject)
        yield Trial(call=call, pool=pool, subject=subject, failures=failures or 0, first=failures is None)


async def require_unlocked(call: Call, pool: Pool, subject: Subject) -> int:
    """Return how many wrong proofs count at this moment.

    Raises NotAuthorizedException while the lock holds.
    """
    return await _failures(call, pool, subject) or 0


async def _failures(call: Call, pool: Pool, subject: Subject) -> int | None:
    """Return how many wrong proofs count, None where none was ever counted. Raise while the lock holds."""
    row = await lockouts.find(call.db, pool_id=pool.pool_id, subject_id=subject.subject_id, bucket=subject.bucket)
    if row is None:
        return None
    failures, last_failure_at, locked_until = row.failures, row.last_failure_at, row.locked_until
    if locked_until > call.now:
        raise refused(Reason.LOCKED)
    return 0 if last_failure_at + WINDOW < call.now else int(failures)


async def remaining(call: Call, pool: Pool, subject: Subject) -> int:
    """Return for how many milliseconds the lock holds; 0 where it does not."""
    row = await lockouts.find(call.db, pool_id=pool.pool_id, subject_id=subject.subject_id, bucket=subject.bucket)
    return 0 if row is None else max(0, int(row.locked_until) - call.now)


def require_unlocked_then(call: Call, subject: Subject) -> None:
    """Pass unless the lock held when the name was looked up: for a step that proves nothing and that a trial follows.

    Raises NotAuthorizedException.
    """
    if subject.locked_until > call.now:
        raise refused(Reason.LOCKED)


async def clear(call: Call, pool: Pool, subject: Subject) -> None:
    """Begin counting anew: the user has signed in."""
    await lockouts.clear(call.db, pool_id=pool.pool_id, subject_id=subject.subject_id, bucket=subject.bucket)
