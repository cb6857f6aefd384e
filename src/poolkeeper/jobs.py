"""What is done behind the answers? The worker: messages, key stock, deleted pools and expired rows.

Any number of processes may run it: a job is claimed by one conditional UPDATE with a lease, and done again after a crash.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import DAY, HOUR, MINUTE, SECOND
from poolkeeper.crypto.seal import SealError
from poolkeeper.messaging import custom_sender
from poolkeeper.messaging.senders import DeliveryFailed, Sender
from poolkeeper.model.job import CLEANING, DELETE_GROUP, DELETE_POOL, KEY_STOCK, MESSAGE
from poolkeeper.model.message import Message
from poolkeeper.store import cleaning, due, pools
from poolkeeper.store.db import Transaction
from poolkeeper.tokens import keys

LEASE = 2 * MINUTE
STOCK = 20
_IDLE_SECONDS = 0.5
_SOON = 5 * SECOND
_BATCH = 64
# Whoever comes fourth to a custom sender that hangs (three tries of five seconds) is through within half the lease.
_HANDOVERS_FOR_A_PLACE = 4
_RETRIES: Sequence[int] = (5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY)

_log = logging.getLogger("poolkeeper.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the due list."""

    shard: int
    job_id: str
    kind: str
    pool_id: str
    attempts: int
    payload: bytes | None
    lease_until: int


@dataclass(frozen=True, slots=True)
class Again:
    """When a job is due again, and how often it has failed until then."""

    due_at: int
    attempts: int


class Worker:
    """Does what is due until it is stopped. `senders` deliver by medium."""

    def __init__(self, house: House, senders: Mapping[str, Sender]) -> None:
        self._house = house
        self._senders = senders
        self._stopping = asyncio.Event()
        # The other half of a pool's places is for the triggers of those who sign in.
        self._places = max(1, house.settings.function_calls_per_pool // 2)
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._handovers: Counter[str] = Counter()
        self._aside: set[asyncio.Task[None]] = set()
        self._kinds: Mapping[str, Callable[[Job], Awaitable[int | None]]] = {
            MESSAGE: self._send,
            DELETE_POOL: self._delete_pool,
            DELETE_GROUP: self._delete_group,
            KEY_STOCK: self._fill_stock,
            CLEANING: self._clean,
        }

    async def run(self) -> None:
        """Work until `stop` is called; whatever fails is tried again later, and a fault of the database waited out."""
        await self._schedule()
        await asyncio.gather(self._rounds(messages=True), self._rounds(messages=False))
        await asyncio.gather(*self._aside)

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping.set()

    async def _rounds(self, *, messages: bool) -> None:
        while not self._stopping.is_set():
            try:
                worked = await self.round(messages=messages)
            except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong
                _log.exception("the worker met a fault; it goes on")
                worked = 0
            if not worked:
                await self._pause()

    async def round(self, *, messages: bool) -> int:
        """Do what is due now of one list, and return how many jobs that was.

        Messages go in batches, claimed in one transaction, sent side by side and taken off the list in another, so that
        none costs a commit of its own; everything else one by one. What a custom sender is handed is waited for aside.
        """
        now = self._house.clock.now()
        rows = await due.ready(self._house.db, messages=messages, now=now, limit=_BATCH)
        seen = [Job(*(row[column] for column in range(7))) for row in rows]
        worked = 0
        for batch in [seen] if messages and seen else [[job] for job in seen]:
            if not self._stopping.is_set() and (claimed := await self._claim(batch)):
                aside = [job for job in claimed if self._is_handed_over(job)]
                await self._hand_over(aside)
                here = [job for job in claimed if job not in aside]
                await self._settle(here, await asyncio.gather(*(self._done(job) for job in here)))
                worked += len(claimed)
        return worked

    async def _hand_over(self, jobs: Sequence[Job]) -> None:
        """Begin to hand messages to custom senders, so that one that hangs holds up nobody else's messages.

        What is too much for a pool at once comes again in a moment, and that counts as no attempt.
        """
        too_many = []
        for job in jobs:
            if self._handovers[job.pool_id] < self._places * _HANDOVERS_FOR_A_PLACE:
                self._handovers[job.pool_id] += 1
                task = asyncio.create_task(self._handed_over(job))
                self._aside.add(task)
                task.add_done_callback(self._aside.discard)
            else:
                too_many.append(job)
        soon = self._house.clock.now() + _SOON
        await self._settle(too_many, [Again(soon, attempts=job.attempts) for job in too_many])

    async def _handed_over(self, job: Job) -> None:
        """Hand over one message in its turn, and settle it."""
        try:
            async with self._turns.setdefault(job.pool_id, asyncio.Semaphore(self._places)):
                now = self._house.clock.now()
                outcome = Again(now, job.attempts) if self._stopping.is_set() else await self._done(job)
            await self._settle([job], [outcome])
        except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong; the job is done again after its lease
            _log.exception("%s %s was not settled", job.kind, job.job_id)
        finally:
            self._handovers[job.pool_id] -= 1
            if not self._handovers[job.pool_id]:
                del self._handovers[job.pool_id], self._turns[job.pool_id]

    async def _claim(self, jobs: Sequence[Job]) -> list[Job]:
        """Take for this worker what no other has taken since the list was read."""
        lease_until = self._house.clock.now() + LEASE

        async def body(tx: Transaction) -> list[Job]:
            return [
                job
                for job in jobs
                if await due.claim(
                    tx, shard=job.shard, job_id=job.job_id, seen_lease=job.lease_until, lease_until=lease_until
                )
            ]

        return await self._house.db.write(body)

    async def _done(self, job: Job) -> Again | None:
        """Do one job; return when it is due again, None when it is done with."""
        try:
            again_at = await self._kinds[job.kind](job)
        except DeliveryFailed as failure:
            _log.warning("%s %s was not delivered: %s", job.kind, job.job_id, failure)
            return None if failure.permanent else self._later(job)
        except Exception:  # noqa: BLE001 - the job is tried again later, the others go on
            _log.exception("%s %s failed", job.kind, job.job_id)
            return self._later(job)
        return None if again_at is None else Again(again_at, attempts=0)

    async def _settle(self, jobs: Sequence[Job], outcomes: Sequence[Again | None]) -> None:
        """Take what is done off the list, and put back for later what is not."""

        async def body(tx: Transaction) -> None:
            for job, again in zip(jobs, outcomes, strict=True):
                if again is None:
                    await due.finish(tx, shard=job.shard, job_id=job.job_id)
                else:
                    await due.postpone(
                        tx, shard=job.shard, job_id=job.job_id, due_at=again.due_at, attempts=again.attempts
                    )

        if jobs:
            await self._house.db.write(body)

    def _later(self, job: Job) -> Again | None:
        """Return when a job that failed is due again, None when it has been tried long enough."""
        if job.attempts >= len(_RETRIES):
            return None
        return Again(self._house.clock.now() + _RETRIES[job.attempts], attempts=job.attempts + 1)

    async def _send(self, job: Job) -> int | None:
        message = self._message(job)
        if self._house.settings.dev:  # The inbox shows everything: what a custom sender is handed, and what comes late.
            await self._senders[message.medium].send(message, message_id=job.job_id)
            if message.handover is None:
                return None
        if message.valid_until is not None and message.valid_until <= self._house.clock.now():
            raise DeliveryFailed("its code has run out by now", permanent=True)
        if message.handover is not None and await custom_sender.deliver(self._house, message, message.handover):
            return None
        await self._send_ourselves(message, message_id=job.job_id)
        return None

    async def _send_ourselves(self, message: Message, *, message_id: str) -> None:
        sender = self._senders.get(message.medium)
        if sender is None:
            raise DeliveryFailed(f"nothing is set up that sends {message.medium}", permanent=False)
        await sender.send(message, message_id=message_id)

    def _message(self, job: Job) -> Message:
        sealed = job.payload or b""
        opened = self._house.sealer.open_column(sealed, table="due", key=job.job_id, column="payload")
        return msgspec.json.decode(opened, type=Message)

    def _is_handed_over(self, job: Job) -> bool:
        """Say whether a job is a message that a custom sender is handed; one that cannot be read is none."""
        if job.kind != MESSAGE:
            return False
        try:
            return self._message(job).handover is not None
        except (SealError, msgspec.MsgspecError):
            return False

    async def _delete_pool(self, job: Job) -> int | None:
        """Remove one batch of a deleted pool's rows; the pool's own row goes last."""

        async def body(tx: Transaction) -> bool:
            if await cleaning.delete_pool_rows(tx, job.pool_id):
                return True
            await pools.forget(tx, job.pool_id)
            return False

        return self._house.clock.now() if await self._house.db.write(body) else None

    async def _delete_group(self, job: Job) -> int | None:
        """Remove one batch of a deleted group's memberships, which nobody sees any more."""
        group_id = job.job_id.removeprefix(f"{DELETE_GROUP}-")

        async def body(tx: Transaction) -> bool:
            return await cleaning.delete_members(tx, pool_id=job.pool_id, group_id=group_id)

        return self._house.clock.now() if await self._house.db.write(body) else None

    async def _fill_stock(self, job: Job) -> int | None:  # noqa: ARG002 - one of several kinds
        """Make one key if the stock is short; one at a time, so that sign-ins are hardly kept waiting."""
        now = self._house.clock.now()
        if await pools.stock_size(self._house.db) >= STOCK:
            return now + MINUTE
        key = await asyncio.to_thread(keys.make, self._house)

        async def body(tx: Transaction) -> None:
            await keys.stock(self._house, tx, key)

        await self._house.db.write(body)
        return self._house.clock.now()

    async def _clean(self, job: Job) -> int | None:  # noqa: ARG002 - one of several kinds
        """Remove what has expired, pool by pool in batches."""
        after = ""
        while page := await pools.ids(self._house.db, after=after, limit=100):
            for pool_id in page:
                await self._clean_pool(pool_id)
            after = page[-1]
        return self._house.clock.now() + 10 * MINUTE

    async def _clean_pool(self, pool_id: str) -> None:
        now = self._house.clock.now()

        async def body(tx: Transaction) -> bool:
            return await cleaning.delete_expired(tx, pool_id, now=now)

        more = True
        while more:
            more = await self._house.db.write(body)

    async def _schedule(self) -> None:
        """Put what is always to be done on the list, once for all processes."""
        now = self._house.clock.now()

        async def body(tx: Transaction) -> None:
            for kind in (KEY_STOCK, CLEANING):
                await due.add(tx, job_id=kind, kind=kind, pool_id="", now=now)

        await self._house.db.write(body)

    async def _pause(self) -> None:
        """Wait a moment; a sealing key that an operator added meanwhile writes from now on."""
        self._house.sealer.refresh()
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._stopping.wait()
        except TimeoutError:
            return
