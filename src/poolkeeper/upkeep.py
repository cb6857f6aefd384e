"""How is an installation looked after? A doctor's examination, rotation of the sealing keys, a pool's own settings."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.crypto.seal import SealError, key_id_of
from poolkeeper.lookup import find_pool
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.pool import Pool
from poolkeeper.store import due, migrate, pools, sealed
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.triggers.asking import arn_of

_PAGE = 500
_LATE = 10 * MINUTE
_LOOK_AT = "look at the mail server, or at the function of the pool's custom sender"
_CHOICES: Mapping[str, Mapping[str, object]] = {
    "issuer": {"own": "own", "aws": "aws", "default": None},
    "srp": {"on": True, "off": False},
}


class UpkeepError(Exception):
    """What an operator asked for cannot be done. The message says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the doctor's."""

    sound: bool
    text: str


async def examine(house: House) -> list[Finding]:
    """Look at the database, its tables, everything that is sealed, the functions, and the messages that wait."""
    return [
        Finding(sound=True, text=f"the database answers and is at version {migrate.LATEST}"),
        Finding(sound=True, text=f"{await pools.count(house.db)} user pools"),
        *await _sealing(house),
        *await _functions(house),
        await _messages(house),
    ]


async def reseal(house: House, *, progress: Callable[[str, int], None]) -> int:
    """Seal everything anew under the key that writes; values that change meanwhile are under it already.

    Messages that are sent meanwhile leave the list by themselves. `progress` is told each table and its count.
    """
    total = 0
    for column in sealed.EVERYTHING:
        count = 0
        async for keys, value in _walk(house, column):
            if key_id_of(value) != house.sealer.writing_key_id:
                count += await _seal_anew(house, column, keys, value)
        progress(column.table, count)
        total += count
    return total


async def still_sealed_under(house: House, key_id: str) -> int:
    """Return how many values are sealed under a key."""
    return (await _census(house))[key_id]


async def set_preferences(house: House, pool_id: str, assignments: Sequence[str]) -> None:
    """Set Poolkeeper's own settings of a pool.

    Raises UpkeepError.
    """
    changes = dict(_preference(assignment) for assignment in assignments)

    async def body(tx: Transaction) -> None:
        row = await pools.find(tx, pool_id)
        if row is None:
            raise UpkeepError(f"There is no user pool {pool_id}.")
        held = msgspec.json.decode(row[4]) | changes
        kept = {name: value for name, value in held.items() if value is not None}
        changed = await pools.replace_preferences(
            tx,
            pool_id=pool_id,
            preferences=msgspec.json.encode(kept).decode(),
            expected_version=row[2],
            now=house.clock.now(),
        )
        if changed != 1:
            raise Conflict

    await house.db.write(body)


def _preference(assignment: str) -> tuple[str, object]:
    name, _, value = assignment.partition("=")
    if name not in _CHOICES:
        raise UpkeepError(f"A pool has no setting {name}; it has {', '.join(_CHOICES)}.")
    if value not in _CHOICES[name]:
        raise UpkeepError(f"{name} is one of {', '.join(_CHOICES[name])}.")
    return name, _CHOICES[name][value]


async def _sealing(house: House) -> list[Finding]:
    ring, found = house.sealer.ring, await _census(house)
    findings = []
    for key_id in sorted(found.keys() | ring.keys.keys()):
        count = found[key_id]
        if key_id not in ring.keys:
            text = f"{count} values are sealed under {key_id}, which the ring lacks: they cannot be read"
            findings.append(Finding(sound=False, text=text))
        elif key_id == ring.writing_key_id:
            findings.append(Finding(sound=True, text=f"sealing key {key_id} writes; {count} values are under it"))
        elif count:
            text = f"sealing key {key_id} is old; {count} values are under it still: poolkeeper keys rotate-sealing"
            findings.append(Finding(sound=True, text=text))
        else:
            text = (
                f"sealing key {key_id} is old and nothing in the database is under it: it may go an hour after the "
                f"rotation, with poolkeeper keys retire-sealing {key_id}"
            )
            findings.append(Finding(sound=True, text=text))
    return findings


async def _functions(house: House) -> list[Finding]:
    """Name the triggers of pools that mean nothing here: whatever asks them fails."""
    findings, count = [], 0
    async for pool in _pools(house):
        for name in sorted(pool.triggers.keys() - {"KMSKeyID"}):
            count += 1
            if (fault := house.functions.fault(arn_of(pool, name), pool_id=pool.pool_id)) is not None:
                findings.append(Finding(sound=False, text=f"{name} of {pool.pool_id} fails: {fault}"))
    return findings or [Finding(sound=True, text=f"{count} triggers of pools, none without a function")]


async def _pools(house: House) -> AsyncIterator[Pool]:
    after = ""
    while page := await pools.ids(house.db, after=after, limit=_PAGE):
        after = page[-1]
        for pool_id in page:
            if (pool := await find_pool(house, pool_id)) is not None:
                yield pool


async def _messages(house: House) -> Finding:
    waiting = await due.pending(house.db, kind=MESSAGE, limit=1)
    if waiting and waiting[0][1] < house.clock.now() - _LATE:
        hours = (house.clock.now() - waiting[0][1]) / HOUR
        return Finding(sound=False, text=f"a message has waited for {hours:.1f} hours: {_LOOK_AT}")
    return Finding(sound=True, text="no message has waited for long")


async def _census(house: House) -> Counter[str]:
    found: Counter[str] = Counter()
    for column in sealed.EVERYTHING:
        async for _, value in _walk(house, column):
            found[key_id_of(value)] += 1
    return found


async def _walk(house: House, column: sealed.Sealed) -> AsyncIterator[tuple[sealed.Keys, bytes]]:
    after = column.start
    while rows := await sealed.page(house.db, column, after=after, limit=_PAGE):
        for row in rows:
            after = tuple(row[place] for place in range(len(column.start)))
            if (value := row[len(after)]) is not None:
                yield after, bytes(value)


async def _seal_anew(house: House, column: sealed.Sealed, keys: sealed.Keys, value: bytes) -> int:
    place = column.place(keys)
    try:
        opened = house.sealer.open_column(value, **place)
    except SealError as fault:
        raise UpkeepError(f"{column.table} {place['key']}: {fault}") from fault
    return await sealed.put(house.db, column, keys, new=house.sealer.seal_column(opened, **place), seen=value)
