"""What is a job? One row of the due list, as a worker claims it."""

from dataclasses import dataclass


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
