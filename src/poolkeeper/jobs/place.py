"""How does a long job know how far it has come? Its place is the payload of its row in the due list, sealed as all are.

It is read when the job has been claimed: by then another worker may have been further.
"""

from typing import TypeVar

import msgspec

from poolkeeper.call import House
from poolkeeper.store import due
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job

P = TypeVar("P", bound=msgspec.Struct)


async def read(house: House, job: Job, start: P) -> P:
    """Return the place that a job has come to, `start` where it has none yet or a server of another version wrote it."""
    payload = await due.payload(house.db, shard=job.shard, job_id=job.job_id)
    if payload is None:
        return start
    opened = house.sealer.open_column(payload, table="due", key=job.job_id, column="payload")
    try:
        return msgspec.json.decode(opened, type=type(start))
    except msgspec.ValidationError:
        return start


async def keep(house: House, tx: Transaction, job: Job, place: msgspec.Struct) -> None:
    """Keep the place of a job, in the transaction that has brought it there."""
    payload = house.sealer.seal_column(msgspec.json.encode(place), table="due", key=job.job_id, column="payload")
    await due.rewrite(tx, shard=job.shard, job_id=job.job_id, payload=payload)
