"""How are users imported from a file? Row after row, in batches that also keep how far the job is, so that nothing is repeated.

A job does a slice of its work and comes again. Parts of files are removed by the same job, once it has ended or expired.
Nobody is asked and nobody is written to: no trigger runs, no message goes out (userpools.md 5.6).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec.structs import replace

from poolkeeper.accounts import imported, imported_users
from poolkeeper.accounts.imported import Ready
from poolkeeper.accounts.upload_urls import part_key
from poolkeeper.call import Call, House, own_call
from poolkeeper.jobs.pace import Pace
from poolkeeper.lookup import find_pool
from poolkeeper.model import csv
from poolkeeper.model.imports import (
    CREATED,
    ENDED,
    EXPIRED,
    FAILED,
    MOST_FAULTS,
    PART,
    STOPPED,
    STOPPING,
    SUCCEEDED,
)
from poolkeeper.model.pool import Pool
from poolkeeper.store import import_parts, imports
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job
from poolkeeper.store.imports import FaultRow, ImportRow

# UNVERIFIED: the sentences, which are those of the Developer Guide's samples, and when AWS says that of FAILED; a job of
# which no row is taken would settle it.
MESSAGES = {
    SUCCEEDED: "Import Job Completed Successfully.",
    STOPPED: "The Import Job was stopped by the developer.",
    EXPIRED: "The user import job has expired.",
    FAILED: "Too many users have failed or been skipped during the import.",
}
_ACCIDENT = "Something went wrong here. The log tells more of this job."
_LONGEST_MESSAGE = 128
# The accidents after which a job ends: those who wait for it must know.
_MOST_ACCIDENTS = 5
# The bytes of a row that may take milliseconds to read, and the most that are cut into rows at a stretch: after either, others
# get a turn.
_LONG_ROW, _CUT = 4 * 1024, 64 * 1024
_TAKEN = "another user has this name"

_log = logging.getLogger("poolkeeper.imports")
_log.setLevel(logging.INFO)  # What came of an import is logged, whatever the level of libraries.


class _OvertakenError(Exception):
    """The job was told to stop, or another worker has gone on with it: what was about to be written does not stand."""


async def run(house: House, job: Job) -> int | None:
    """Go on with a job; return when it goes on from there, None when it has ended and its file is gone."""
    row = await imports.find(house.db, pool_id=job.pool_id, job_id=job.job_id)
    pool = await find_pool(house, job.pool_id)
    if row is None or pool is None:
        return None
    if row.status == CREATED and house.clock.now() < row.start_before:
        return row.start_before
    if row.status in ENDED:
        return await _drop_parts(house, job)
    await _go_on(house, pool, row, job)
    return house.clock.now()


async def _go_on(house: House, pool: Pool, row: ImportRow, job: Job) -> None:
    if row.status in {CREATED, STOPPING}:
        await _end(house, pool, row, EXPIRED if row.status == CREATED else STOPPED)
    elif job.attempts >= _MOST_ACCIDENTS:
        await _end(house, pool, row, FAILED, _ACCIDENT)
    else:
        try:
            await _slice(house, pool, row)
        except _OvertakenError:
            return


async def _slice(house: House, pool: Pool, row: ImportRow) -> None:
    """Import rows for a moment, or to the end of the file."""
    file, pace = _File(house, pool.pool_id, row), Pace(one_writer=house.db.one_writer)
    if row.header is None:
        outcome = await _header(file, pool, row)
        if isinstance(outcome, FaultRow):
            await _refuse_file(house, pool, row, outcome)
            return
        row = outcome
    while not pace.over:
        rows = await file.take(pace.rows)
        if not rows:
            # UNVERIFIED: from how many failures on AWS calls a job failed; here it is one that has made nobody.
            nobody = row.imported == 0 and row.failed > 0
            await _end(house, pool, row, FAILED if nobody else SUCCEEDED)
            return
        row = await pace.step(partial(_import, house, pool, row, rows), meanwhile=house.db.settle)


async def _header(file: "_File", pool: Pool, row: ImportRow) -> ImportRow | FaultRow:
    first = await file.take(1)
    header = imported.header_of(pool, row.algorithm, first[0].raw if first else None)
    if isinstance(header, FaultRow):
        return header
    return replace(row, header=msgspec.json.encode(header).decode(), next_byte=first[0].end, next_row=2)


async def _import(house: House, pool: Pool, row: ImportRow, rows: Sequence[csv.Row]) -> ImportRow:
    """Make the users of some rows, and keep in the same transaction how far that is; return the job as it is then.

    Raises _OvertakenError.
    """
    call = own_call(house)
    parsed = await _read(call, pool, row, rows)

    async def body(tx: Transaction) -> tuple[ImportRow, list[FaultRow]]:
        ready = [entry for entry in parsed if isinstance(entry, Ready)]
        with_kinds = list(zip(ready, await imported_users.taken(tx, pool, ready), strict=True))
        await imported_users.insert(tx, pool, [entry for entry, kind in with_kinds if kind is None], now=call.now)
        skipped = sum(kind == entry.name_kind for entry, kind in with_kinds)
        faults = [entry for entry in parsed if isinstance(entry, FaultRow)]
        faults += [
            FaultRow(entry.row_number, kind, _TAKEN)
            for entry, kind in with_kinds
            if kind not in {None, entry.name_kind}
        ]
        faults.sort(key=lambda entry: entry.row_number)
        further = _further(row, rows[-1], len(rows), skipped=skipped, failed=len(faults))
        kept_faults = faults[: max(0, MOST_FAULTS - row.failed)]
        await imports.add_faults(tx, pool_id=pool.pool_id, job_id=row.job_id, faults=kept_faults)
        if not await imports.advance(tx, pool_id=pool.pool_id, row=further, seen=row.version):
            raise _OvertakenError
        return further, kept_faults

    # What a power cut takes back is done again: the rows, and how far the job had come, go together.
    further, kept_faults = await house.db.write(body, repeatable=True)
    for fault in kept_faults:
        _tell(pool, row, fault)
    return further


async def _read(call: Call, pool: Pool, row: ImportRow, rows: Sequence[csv.Row]) -> list[Ready | FaultRow]:
    """Return what some rows say; behind a long one others get a turn."""
    header = msgspec.json.decode(row.header or "[]", type=list[str])
    parsed = list[Ready | FaultRow]()
    for number, raw_row in enumerate(rows, row.next_row):
        parsed.append(imported.read(call, pool, header, row.algorithm, row_number=number, raw=raw_row.raw))
        if len(raw_row.raw or b"") > _LONG_ROW:
            await asyncio.sleep(0)
    return parsed


def _further(row: ImportRow, last: csv.Row, count: int, *, skipped: int, failed: int) -> ImportRow:
    done = row.next_row - 2 + count
    return replace(
        row,
        next_byte=last.end,
        next_row=row.next_row + count,
        imported=row.imported + count - skipped - failed,
        skipped=row.skipped + skipped,
        failed=row.failed + failed,
        message=f"{done} of {row.row_count} rows",
        version=row.version + 1,
    )


async def _refuse_file(house: House, pool: Pool, row: ImportRow, fault: FaultRow) -> None:
    """End a job whose file cannot be read."""

    async def body(tx: Transaction) -> None:
        await imports.add_faults(tx, pool_id=pool.pool_id, job_id=row.job_id, faults=[fault])

    await house.db.write(body)
    _tell(pool, row, fault)
    sentence = f"{fault.reason}: {fault.column_name}" if fault.column_name else fault.reason
    await _end(house, pool, row, FAILED, sentence[:_LONGEST_MESSAGE])


async def _end(house: House, pool: Pool, row: ImportRow, status: str, message: str | None = None) -> None:
    """End a job, unless something has changed: then it is looked at once more."""

    async def body(tx: Transaction) -> bool:
        return await imports.end(
            tx,
            pool_id=pool.pool_id,
            job_id=row.job_id,
            status=status,
            message=message or MESSAGES[status],
            seen=row.version,
            now=house.clock.now(),
        )

    if await house.db.write(body):
        counts = f"{row.imported} users imported, {row.skipped} skipped, {row.failed} failed"
        _log.info("%s of %s: %s: %s", row.job_id, pool.pool_id, status, counts)


def _tell(pool: Pool, row: ImportRow, fault: FaultRow) -> None:
    """Tell the log why a row was not taken, without a word of what stands in it."""
    column = f", {fault.column_name}" if fault.column_name else ""
    _log.warning("%s of %s: row %d%s: %s", row.job_id, pool.pool_id, fault.row_number, column, fault.reason)


async def _drop_parts(house: House, job: Job) -> int | None:
    pace = Pace(one_writer=house.db.one_writer)
    while not pace.over:
        if await pace.step(partial(drop_some, house, job.pool_id, job.job_id), meanwhile=house.db.settle) == 0:
            return None
    return house.clock.now()


async def drop_some(house: House, pool_id: str, job_id: str) -> int:
    """Remove some parts of files that a job has no more; return how many."""

    async def body(tx: Transaction) -> int:
        return await import_parts.drop(tx, pool_id=pool_id, job_id=job_id)

    return await house.db.write(body)


class _File:
    """The file of a job from where it goes on, part by part: one of them is in memory."""

    def __init__(self, house: House, pool_id: str, row: ImportRow) -> None:
        self._house, self._pool_id, self._row = house, pool_id, row
        self._number, self._skip = divmod(row.next_byte, PART)
        self._rows = csv.Rows(at=row.next_byte)
        self._waiting = deque[csv.Row]()
        self._over = False

    async def take(self, most: int) -> list[csv.Row]:
        """Return the next rows, none at the end."""
        while len(self._waiting) < most and not self._over:
            await self._read_on()
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    async def _read_on(self) -> None:
        upload_key = {"pool_id": self._pool_id, "job_id": self._row.job_id, "upload": self._row.upload}
        sealed = await import_parts.find(self._house.db, **upload_key, number=self._number)
        if sealed is None:
            self._over = True
            self._waiting += self._rows.close()
            return
        opened = self._house.sealer.open_column(sealed, **part_key(**upload_key, number=self._number))
        for at in range(self._skip, len(opened), _CUT):
            self._waiting += self._rows.feed(opened[at : at + _CUT])
            await asyncio.sleep(0)
        self._number, self._skip = self._number + 1, 0
