"""What is done after the answers? The worker knows when a job is due; what each kind of job does is in a file of its own.

Any number of processes may run it: a job is claimed by one conditional UPDATE with a lease, and done again after a crash.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from poolkeeper.call import House
from poolkeeper.clock import DAY, HOUR, MINUTE, SECOND
from poolkeeper.jobs import backchannel, deletions, expiry, idle_guests, imports, key_stock, saml_metadata
from poolkeeper.jobs.counts import Counts
from poolkeeper.jobs.lanes import Lanes
from poolkeeper.jobs.messages import Messages, Tell
from poolkeeper.jobs.population import Counting
from poolkeeper.jobs.shared_refusals import Sharing
from poolkeeper.messaging.senders import DeliveryFailed, Sender
from poolkeeper.model.job import (
    BACKCHANNEL_LOGOUT,
    CLEANING,
    DELETE_GROUP,
    DELETE_IDENTITY_POOL,
    DELETE_POOL,
    IDLE_GUESTS,
    IMPORT,
    KEY_STOCK,
    MESSAGE,
    SAML_METADATA,
)
from poolkeeper.store import auth_history, due, ghosts
from poolkeeper.store.db import Transaction, Unavailable
from poolkeeper.store.due import Job

LEASE = 2 * MINUTE
_IDLE_SECONDS = 0.5
# Messages that come one behind the other are waited for this long, and share the two commits of a batch.
_GATHER_SECONDS = 0.02
_BATCH = 64
# How long a batch of messages waits for its slowest.
_PATIENCE_SECONDS = 1.0
# How often the age of the oldest message is looked at, where somebody asks.
_LOOK_SECONDS = 5.0
# Whoever comes fourth to a custom sender that hangs (three tries of five seconds) is through within half the lease.
_HANDOVERS_FOR_A_PLACE = 4
_RETRIES: Sequence[int] = (5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY)

# What may wait for the database by itself.
_MESSAGES, _JOBS, _SWEEPS = "messages", "jobs", "sweeps"

_log = logging.getLogger("poolkeeper.jobs")


@dataclass(frozen=True, slots=True)
class Again:
    """When a job is due again, and how often it has failed until then."""

    due_at: int
    attempts: int


class Worker:
    """Does what is due until it is stopped. `senders` deliver by name (sender_settings.py).

    `tell` hears of events, with the id of the request that an event comes of, empty where it comes of none; `counts` of what
    became of messages.
    """

    def __init__(self, house: House, senders: Mapping[str, Sender], tell: Tell, counts: Counts | None = None) -> None:
        self._house = house
        self._counts = counts or Counts()
        self._messages = Messages(house, senders, tell, self._counts, most_attempts=len(_RETRIES))
        self._lanes = Lanes()
        self._waiting: set[str] = set()
        self._stopping = asyncio.Event()
        self._more = asyncio.Event()
        # The other half of a pool's places is for the triggers of those who sign in.
        self._places = max(1, house.settings.function_calls_per_pool // 2)
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._handovers = Lanes()
        self._aside: set[asyncio.Task[None]] = set()
        self._behind: set[asyncio.Task[None]] = set()
        self._kinds: Mapping[str, Callable[[Job], Awaitable[int | None]]] = {
            MESSAGE: self._messages.send,
            DELETE_POOL: partial(deletions.delete_pool, house),
            DELETE_GROUP: partial(deletions.delete_group, house),
            DELETE_IDENTITY_POOL: partial(deletions.delete_identity_pool, house),
            KEY_STOCK: partial(key_stock.fill, house),
            CLEANING: partial(expiry.clean, house),
            IDLE_GUESTS: partial(idle_guests.remove, house),
            SAML_METADATA: partial(saml_metadata.refresh, house),
            IMPORT: partial(imports.run, house),
            BACKCHANNEL_LOGOUT: partial(backchannel.tell, house),
        }

    async def run(self) -> None:
        """Work until `stop` is called; whatever fails is tried again later, and a fault of the database waited out."""
        await self._begin()
        await asyncio.gather(
            self._rounds(messages=True), self._rounds(messages=False), self._sweeps(), self._looks_at_age()
        )
        await asyncio.gather(*self._aside, *self._behind)

    async def _begin(self) -> None:
        """Put what is always to be done on the list, as soon as the database takes it."""
        while not self._stopping.is_set():
            try:
                await self._schedule()
            except Unavailable as fault:
                self._database_is_away(fault, _JOBS)
                await self._pause()
            except Exception:  # noqa: BLE001 - as in a round: without a worker no mail goes out, and nobody would hear of it
                _log.exception("the worker could not begin; it tries again")
                await self._pause()
            else:
                return

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping.set()
        self._more.set()

    async def _rounds(self, *, messages: bool) -> None:
        waiter = _MESSAGES if messages else _JOBS
        while not self._stopping.is_set():
            try:
                worked = await self.round(messages=messages)
                self._database_answers(waiter)
            except Unavailable as fault:
                self._database_is_away(fault, waiter)
                worked = 0
            except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong
                _log.exception("the worker met a fault; it goes on")
                worked = 0
            if not worked:
                await self._pause()
            elif messages and worked < _BATCH:
                await asyncio.sleep(_GATHER_SECONDS)

    async def round(self, *, messages: bool) -> int:
        """Do what is due now of one list, and return how many jobs that was.

        Messages go in batches, claimed in one transaction, sent side by side and taken off the list in another, so that
        none costs a commit of its own; everything else one by one. Calls of a pool's own code are waited for aside, and
        so are apps that hear of a sign-out: however quickly they answer, there may be many sign-outs.
        """
        now = self._house.clock.now()
        ready = due.ready_messages if messages else due.ready_jobs
        due_jobs = await ready(self._house.db, now=now, limit=_BATCH)
        worked = 0
        for batch in [due_jobs] if messages and due_jobs else [[job] for job in due_jobs]:
            if not self._stopping.is_set() and (claimed := await self._claim(batch)):
                aside = [job for job in claimed if self._messages.asks_a_function(job)]
                await self._hand_over(aside)
                here = [job for job in claimed if job not in aside]
                if claimed[0].kind == BACKCHANNEL_LOGOUT:
                    await self._begin_behind(here, {job.job_id: self._lane(job) for job in here})
                else:
                    await self._do(here, patient=not messages)
                worked += len(claimed)
        return worked

    async def _do(self, jobs: Sequence[Job], *, patient: bool) -> None:
        """Do jobs side by side and settle them together; a message that takes long is settled by itself.

        A mail server that hangs, on one recipient or on all, holds up nobody else's messages (lanes.py).
        """
        lanes = {job.job_id: self._lane(job) for job in jobs}
        at_once = [job for job in jobs if not self._lanes.is_slow(lanes[job.job_id])]
        await self._begin_behind([job for job in jobs if job not in at_once], lanes)
        tasks = {asyncio.create_task(self._done(job)): job for job in at_once}
        if not tasks:
            return
        ended, slow = await asyncio.wait(tasks, timeout=None if patient else _PATIENCE_SECONDS)
        await self._settle([tasks[task] for task in ended], [task.result() for task in ended])
        for task in slow:
            self._go_behind(tasks[task], task, lanes[tasks[task].job_id])

    def _lane(self, job: Job) -> str:
        return backchannel.lane(self._house, job) if job.kind == BACKCHANNEL_LOGOUT else self._messages.lane(job)

    async def _begin_behind(self, jobs: Sequence[Job], lanes: Mapping[str, str]) -> None:
        """Begin what is not waited for, messages of slow lanes above all, and put off what finds no place."""
        too_many, now = [], self._house.clock.now()
        for job in jobs:
            lane = lanes[job.job_id]
            if self._lanes.has_place(lane):
                self._go_behind(job, asyncio.create_task(self._done(job)), lane)
            else:
                self._messages.forget(job)
                too_many.append((job, Again(now + self._lanes.wait(lane), attempts=job.attempts)))
        await self._settle([job for job, _ in too_many], [again for _, again in too_many])

    def _go_behind(self, job: Job, done: "asyncio.Task[Again | None]", lane: str) -> None:
        self._lanes.enter(lane)
        behind = asyncio.create_task(self._settled_late(job, done, lane))
        self._behind.add(behind)
        behind.add_done_callback(self._behind.discard)

    async def _settled_late(self, job: Job, done: "asyncio.Task[Again | None]", lane: str) -> None:
        try:
            await self._settle([job], [await done])
        except Unavailable as fault:
            self._database_is_away(fault, _MESSAGES)
        except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong; the job is done again after its lease
            _log.exception("%s %s was not settled", job.kind, job.job_id)
        finally:
            self._lanes.leave(lane)

    async def _hand_over(self, jobs: Sequence[Job]) -> None:
        """Begin to hand messages to a pool's own code, so that one that hangs holds up nobody else's messages.

        What is too much for a pool at once comes again within a minute (lanes.py), and that counts as no attempt.
        """
        too_many, now = [], self._house.clock.now()
        for job in jobs:
            if self._handovers.has_place(job.pool_id, places=self._places * _HANDOVERS_FOR_A_PLACE):
                self._handovers.enter(job.pool_id)
                task = asyncio.create_task(self._handed_over(job))
                self._aside.add(task)
                task.add_done_callback(self._aside.discard)
            else:
                too_many.append((job, Again(now + self._handovers.turn(job.pool_id), attempts=job.attempts)))
        await self._settle([job for job, _ in too_many], [again for _, again in too_many])

    async def _handed_over(self, job: Job) -> None:
        """Hand over one message in its turn, and settle it."""
        try:
            async with self._turns.setdefault(job.pool_id, asyncio.Semaphore(self._places)):
                now = self._house.clock.now()
                outcome = Again(now, job.attempts) if self._stopping.is_set() else await self._done(job)
            await self._settle([job], [outcome])
            self._more.set()  # what has got its words goes out now
        except Unavailable as fault:
            self._database_is_away(fault, _MESSAGES)
        except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong; the job is done again after its lease
            _log.exception("%s %s was not settled", job.kind, job.job_id)
        finally:
            self._handovers.leave(job.pool_id)
            if not self._handovers.is_slow(job.pool_id):
                del self._turns[job.pool_id]

    async def _claim(self, jobs: Sequence[Job]) -> list[Job]:
        """Take for this worker what no other has taken since the list was read; what is returned has the new lease."""
        now = self._house.clock.now()

        async def body(tx: Transaction) -> list[Job]:
            return [
                replace(job, lease_until=now + LEASE)
                for job in jobs
                if await due.claim(
                    tx,
                    shard=job.shard,
                    job_id=job.job_id,
                    seen_lease=job.lease_until,
                    seen_attempts=job.attempts,
                    lease_until=now + LEASE,
                    now=now,
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
        except Unavailable as fault:
            self._database_is_away(fault, _MESSAGES if job.kind == MESSAGE else _JOBS)
            return self._later(job)
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
                        tx,
                        shard=job.shard,
                        job_id=job.job_id,
                        due_at=again.due_at,
                        attempts=again.attempts,
                        lease_until=job.lease_until,
                    )

        if jobs:
            await self._house.db.write(body)

    def _later(self, job: Job) -> Again | None:
        """Return when a job that failed is due again; None for a message that has been tried long enough."""
        if job.attempts < len(_RETRIES):
            return Again(self._house.clock.now() + _RETRIES[job.attempts], attempts=job.attempts + 1)
        if job.kind == MESSAGE:
            return None
        return Again(self._house.clock.now() + _RETRIES[-1], attempts=job.attempts)

    async def _looks_at_age(self) -> None:
        """Tell whoever counts for how long the oldest message has waited."""
        while self._counts.oldest is not None and not self._stopping.is_set():
            try:
                at = await due.oldest_message(self._house.db)
                waited = 0 if at is None else max(0, self._house.clock.now() - at)
                self._counts.oldest(waited / SECOND)
            except Unavailable as fault:
                self._database_is_away(fault, _MESSAGES)
            except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong
                _log.exception("the age of the oldest message is not known")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._stopping.wait()

    async def _sweeps(self) -> None:
        """Take away what is too much: of nobody's, where this process has met many names that nobody has, and of users' events."""
        house, sharing, counting = self._house, Sharing(self._house), Counting(self._house)
        while not self._stopping.is_set():
            await self._swept("refusals", sharing.exchange)
            await self._swept("population", counting.exchange)
            for pool_id in house.ghosts.due():
                most = house.settings.ghosts_per_pool
                await self._swept(pool_id, partial(ghosts.evict, house.db, pool_id, most=most))
            while house.memory.histories:
                pool_id, user_id = house.memory.histories.pop()
                of_user = {"pool_id": pool_id, "user_id": user_id}
                most = house.settings.auth_events_per_user
                await self._swept(pool_id, partial(auth_history.trim, house.db, **of_user, most=most))
            await self._pause()

    async def _swept(self, pool_id: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
            self._database_answers(_SWEEPS)
        except Unavailable as fault:
            self._database_is_away(fault, _SWEEPS)
        except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong
            _log.exception("what is too much in %s was not taken away", pool_id)

    def _database_is_away(self, fault: Unavailable, waiter: str) -> None:
        """Say once that the database is away: whoever waits asks it again twice a second."""
        if not self._waiting:
            _log.warning("the worker waits for the database: %s", fault)
        self._waiting.add(waiter)

    def _database_answers(self, waiter: str) -> None:
        """Say that it is back when everything that waited for it has been done: reads may go on without changes."""
        if waiter in self._waiting:
            self._waiting.discard(waiter)
            if not self._waiting:
                _log.warning("the database is back, and the worker goes on")

    async def _schedule(self) -> None:
        """Put what is always to be done on the list, once for all processes."""
        now = self._house.clock.now()

        async def body(tx: Transaction) -> None:
            for kind in (KEY_STOCK, CLEANING, IDLE_GUESTS, SAML_METADATA):
                await due.add(tx, job_id=kind, kind=kind, pool_id="", now=now)

        await self._house.db.write(body)

    async def _pause(self) -> None:
        """Wait a moment; a sealing key that an operator added meanwhile writes from now on."""
        self._house.sealer.refresh()
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._more.wait()
        except TimeoutError:
            return
        if not self._stopping.is_set():
            self._more.clear()
