"""How do values get under another sealing key? Sealed anew row by row; a key goes once nothing is sealed under it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from poolkeeper.call import House
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.crypto.keyring import KeyRingError
from poolkeeper.crypto.seal import SealError, key_id_of
from poolkeeper.rights.tokens import LONGEST_SESSION_SECONDS
from poolkeeper.store import sealed
from poolkeeper.store.table import Key, Sealed

_PAGE = 500


class UpkeepError(Exception):
    """What an operator asked for cannot be done. The message says why."""


async def reseal(house: House, *, progress: Callable[[str, int], None]) -> int:
    """Seal everything anew under the key that writes; values that change meanwhile are under it already.

    Messages that are sent meanwhile leave the list by themselves. `progress` is told each table and its count.
    """
    total = 0
    for table, column in sealed.everything():
        count = 0
        async for keys, value in _walk(house, column):
            if key_id_of(value) != house.sealer.writing_key_id:
                count += await _seal_anew(house, table, column, keys, value)
        progress(table, count)
        total += count
    return total


async def still_sealed_under(house: House, key_id: str) -> int:
    """Return how many values are sealed under a key."""
    return (await census(house))[key_id]


async def retire(house: House, key_id: str) -> Path:
    """Take an old sealing key out of the ring once nothing is sealed under it; return where a copy of it is kept.

    Of what clients hold, session tokens of temporary access keys live longest: the key stays that long after the
    rotation.
    Raises UpkeepError.
    """
    if count := await still_sealed_under(house, key_id):
        raise UpkeepError(f"{count} values are still sealed under {key_id}: poolkeeper keys rotate-sealing")
    ring = house.sealer.ring
    wait = ring.written_at + LONGEST_SESSION_SECONDS * SECOND - house.clock.now()
    if key_id in ring.keys and key_id != ring.writing_key_id and wait > 0:
        raise UpkeepError(
            f"{key_id} stays for {-(-wait // HOUR)} hours more: sessions that clients hold may be sealed under it until then"
        )
    try:
        return ring.retire(key_id)
    except (KeyRingError, OSError) as fault:
        raise UpkeepError(str(fault)) from fault


DAMAGED = ""
"""Stands for the key of a sealed value that is none: somebody wrote into the database, or a disk failed."""


async def census(house: House) -> Counter[str]:
    """Return how many values are sealed under each key; DAMAGED: what no key has sealed."""
    counts: Counter[str] = Counter()
    for _, column in sealed.everything():
        async for _, value in _walk(house, column):
            try:
                counts[key_id_of(value)] += 1
            except SealError:
                counts[DAMAGED] += 1
    return counts


async def _walk(house: House, column: Sealed) -> AsyncIterator[tuple[Key, bytes]]:
    after = column.start
    while rows := await sealed.page(house.db, column, after=after, limit=_PAGE):
        for row in rows:
            after = row.keys
            if row.value is not None:
                yield after, row.value


async def _seal_anew(house: House, table: str, column: Sealed, keys: Key, value: bytes) -> int:
    sealing_place = column.place(table, keys)
    try:
        opened = house.sealer.open_column(value, **sealing_place)
    except SealError as fault:
        raise UpkeepError(f"{table} {sealing_place['key']}: {fault}") from fault
    return await sealed.put(house.db, column, keys, new=house.sealer.seal_column(opened, **sealing_place), seen=value)
