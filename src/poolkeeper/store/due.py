"""SQL of the worker's due list and of the messages that development mode keeps."""

import msgspec

from poolkeeper.model.job import SHARDS, shard_of
from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Sealed, Table


class Job(msgspec.Struct, frozen=True, gc=False):
    """A job that is due: a claim says what was seen of it."""

    shard: int
    job_id: str
    kind: str
    pool_id: str
    attempts: int
    payload: bytes | None
    lease_until: int


class Pending(msgspec.Struct, frozen=True, gc=False):
    """A job that is not done."""

    job_id: str
    created_at: int
    payload: bytes
    attempts: int


class Captured(msgspec.Struct, frozen=True, gc=False):
    """A message of the development outbox, sealed."""

    message_id: str
    at: int
    payload: bytes


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A message, sealed, that waits or is kept; `at` is when it was written."""

    shard: int
    message_id: str
    at: int
    payload: bytes


async def add(
    tx: Transaction,
    *,
    job_id: str,
    kind: str,
    pool_id: str,
    now: int,
    payload: bytes | None = None,
    due_at: int | None = None,
) -> int:
    """Put a job on the list, due now unless `due_at` says when; one that is there already stays as it is."""
    return await tx.execute(
        """
        INSERT INTO due (shard, job_id, kind, pool_id, due_at, lease_until, attempts, payload, created_at)
        VALUES ($1, $2, $3, $4, $7, 0, 0, $6, $5)
        ON CONFLICT (shard, job_id) DO NOTHING
        """,
        shard_of(job_id),
        job_id,
        kind,
        pool_id,
        now,
        payload,
        now if due_at is None else due_at,
    )


async def ready_messages(reader: Reader, *, now: int, limit: int) -> list[Job]:
    """Return messages that are due and that nobody works on; messages and other jobs are two lists, so neither waits for the other."""
    rows = await reader.fetch(
        """
        SELECT shard, job_id, kind, pool_id, attempts, payload, lease_until FROM due
        WHERE shard IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) AND due_at <= $1 AND lease_until <= $1
          AND kind = 'message'
        LIMIT $2
        """,
        now,
        limit,
    )
    return [Job(*row) for row in rows]


async def ready_jobs(reader: Reader, *, now: int, limit: int) -> list[Job]:
    """Return what is due beside messages and nobody works on, what has waited longest first.

    Jobs that come again and again, such as imports, are due at once: by the order of the key they would be all that is ever done.
    """
    rows = await reader.fetch(
        """
        SELECT shard, job_id, kind, pool_id, attempts, payload, lease_until FROM due
        WHERE shard IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) AND due_at <= $1 AND lease_until <= $1
          AND kind <> 'message'
        ORDER BY due_at LIMIT $2
        """,
        now,
        limit,
    )
    return [Job(*row) for row in rows]


async def pending(reader: Reader, *, kind: str, limit: int) -> list[Pending]:
    """Return the jobs of one kind that are not done."""
    rows = await reader.fetch(
        "SELECT job_id, created_at, payload, attempts FROM due WHERE kind = $1 ORDER BY job_id LIMIT $2", kind, limit
    )
    return [Pending(*row) for row in rows]


async def oldest_message(reader: Reader) -> int | None:
    """Return since when the oldest message has been on the list, None where there is none: by the key, shard by shard."""
    oldest_rows = [
        await reader.fetch_one(
            "SELECT created_at FROM due WHERE shard = $1 AND kind = 'message' ORDER BY job_id LIMIT 1", shard
        )
        for shard in range(SHARDS)
    ]
    return min((row[0] for row in oldest_rows if row is not None), default=None)


async def hasten(tx: Transaction, *, shard: int, job_id: str, due_at: int) -> int:
    """Let a job that waits for later be due earlier."""
    return await tx.execute(
        "UPDATE due SET due_at = $3 WHERE shard = $1 AND job_id = $2 AND due_at > $3", shard, job_id, due_at
    )


async def claim(
    tx: Transaction, *, shard: int, job_id: str, seen_lease: int, seen_attempts: int, lease_until: int, now: int
) -> bool:
    """Take a job for oneself until `lease_until`, as it was seen on the list: of any number of workers one gets it.

    One that another worker has done since, and put off for later, is not due any more.
    """
    claimed = await tx.execute(
        """
        UPDATE due SET lease_until = $4
        WHERE shard = $1 AND job_id = $2 AND lease_until = $3 AND attempts = $5 AND due_at <= $6
        """,
        shard,
        job_id,
        seen_lease,
        lease_until,
        seen_attempts,
        now,
    )
    return claimed == 1


async def finish(writer: Database | Transaction, *, shard: int, job_id: str) -> int:
    """Take a job that is done off the list."""
    return await writer.execute("DELETE FROM due WHERE shard = $1 AND job_id = $2", shard, job_id)


async def postpone(
    writer: Database | Transaction, *, shard: int, job_id: str, due_at: int, attempts: int, lease_until: int
) -> int:
    """Let a job wait until `due_at` and give up its lease, if that is the one until `lease_until`: another worker's stays."""
    return await writer.execute(
        """
        UPDATE due SET due_at = $3, lease_until = 0, attempts = $4
        WHERE shard = $1 AND job_id = $2 AND lease_until = $5
        """,
        shard,
        job_id,
        due_at,
        attempts,
        lease_until,
    )


async def payload(reader: Reader, *, shard: int, job_id: str) -> bytes | None:
    """Return the payload that a job has by now."""
    row = await reader.fetch_one("SELECT payload FROM due WHERE shard = $1 AND job_id = $2", shard, job_id)
    return None if row is None or row[0] is None else bytes(row[0])


async def rewrite(tx: Transaction, *, shard: int, job_id: str, payload: bytes) -> int:
    """Give a job that goes on another payload."""
    return await tx.execute("UPDATE due SET payload = $3 WHERE shard = $1 AND job_id = $2", shard, job_id, payload)


async def capture(tx: Database | Transaction, *, message_id: str, at: int, payload: bytes) -> int:
    """Keep a message in the development outbox; a second delivery of the same one changes nothing."""
    return await tx.execute(
        """
        INSERT INTO captured (shard, message_id, at, payload) VALUES (0, $1, $2, $3)
        ON CONFLICT (shard, message_id) DO NOTHING
        """,
        message_id,
        at,
        payload,
    )


async def captured(reader: Reader, *, limit: int) -> list[Captured]:
    """Return the newest messages of the development outbox, newest first."""
    rows = await reader.fetch(
        "SELECT message_id, at, payload FROM captured WHERE shard = 0 ORDER BY message_id DESC LIMIT $1", limit
    )
    return [Captured(*row) for row in rows]


async def messages_of(reader: Reader, *, pool_id: str, after: tuple[int, str]) -> list[Sent]:
    """Return the next hundred messages of a pool that are not sent, from behind a key."""
    rows = await reader.fetch(
        """
        SELECT shard, job_id AS message_id, created_at AS at, payload FROM due
        WHERE (shard, job_id) > ($1, $2) AND kind = 'message' AND pool_id = $3 ORDER BY shard, job_id LIMIT 100
        """,
        *after,
        pool_id,
    )
    return [Sent(*row) for row in rows]


async def captured_after(reader: Reader, *, pool_id: str, after: tuple[int, str]) -> list[Sent]:  # noqa: ARG001 - within
    """Return the next hundred messages of the development outbox, of whichever pool, from behind a key."""
    rows = await reader.fetch(
        """
        SELECT shard, message_id, at, payload FROM captured
        WHERE (shard, message_id) > ($1, $2) ORDER BY shard, message_id LIMIT 100
        """,
        *after,
    )
    return [Sent(*row) for row in rows]


async def forget_captured(tx: Transaction, message_id: str) -> int:
    """Take a message out of the development outbox."""
    return await tx.execute("DELETE FROM captured WHERE shard = 0 AND message_id = $1", message_id)


async def captured_one(reader: Reader, message_id: str) -> Captured | None:
    """Return one message of the development outbox."""
    row = await reader.fetch_one(
        "SELECT message_id, at, payload FROM captured WHERE shard = 0 AND message_id = $1", message_id
    )
    return None if row is None else Captured(*row)


async def clear_captured(db: Database) -> int:
    """Empty the development outbox."""
    return await db.execute("DELETE FROM captured WHERE shard = 0")


TABLES = (
    Table(
        name="due",
        key=("shard", "job_id"),
        owner="server",
        sealed=(
            Sealed(
                "payload",
                start=(-1, ""),
                walk="""SELECT shard, job_id, payload FROM due
                        WHERE shard > $1 OR (shard = $1 AND job_id > $2) ORDER BY shard, job_id LIMIT $3""",
                put="UPDATE due SET payload = $3 WHERE shard = $1 AND job_id = $2 AND payload = $4",
                by_last_key=True,
            ),
        ),
        at_reset="DELETE FROM due WHERE shard >= 0",
    ),
    Table(
        name="captured",
        key=("shard", "message_id"),
        owner="server",
        sealed=(
            Sealed(
                "payload",
                start=(-1, ""),
                walk="""SELECT shard, message_id, payload FROM captured
                        WHERE shard > $1 OR (shard = $1 AND message_id > $2) ORDER BY shard, message_id LIMIT $3""",
                put="UPDATE captured SET payload = $3 WHERE shard = $1 AND message_id = $2 AND payload = $4",
                by_last_key=True,
            ),
        ),
        at_reset="DELETE FROM captured WHERE shard >= 0",
    ),
)
