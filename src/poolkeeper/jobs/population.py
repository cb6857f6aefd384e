"""How does every process know what is usual? Each adds what it has counted to sixteen rows, every few seconds, and reads them.

Counts are of values under a keyed hash, the commonest alone (risk/population.py). A process that no watched pool has met
neither reads nor writes.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.risk.population import Population, Row, added
from poolkeeper.store import population
from poolkeeper.store.db import Conflict, Transaction

_EVERY, _READ_EVERY = 5 * SECOND, MINUTE
_PLACE = {"table": "population", "key": str(population.KEY), "column": "counts"}

_decode = msgspec.json.Decoder(dict[str, int]).decode


class Counting:
    """Carries what a process counts to the rows, and what others counted back."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._told_at = 0
        self._read_at = 0
        self._keyed = False

    async def exchange(self) -> None:
        """Add what was counted here to the rows, and read them, as often as is due."""
        house, now = self._house, self._house.clock.now()
        if not house.memory.refusals.watching or now < self._told_at + _EVERY:
            return
        self._told_at = now
        if not self._keyed:
            await self._begin()
        deltas = house.watch.population.deltas()
        for shard, delta in deltas.items():
            await self._add(shard, delta)
        if deltas or now >= self._read_at + _READ_EVERY:
            self._read_at = now
            house.watch.population = house.watch.population.replaced(await self._stored())

    async def _begin(self) -> None:
        """Take up the key that all processes hash by, and what was counted before; what was counted without it is let go."""
        house = self._house
        row = await population.find(house.db, shard=population.KEY)
        if row is None:
            fresh = house.sealer.seal_column(house.entropy.bytes(32), **_PLACE)
            await population.insert(house.db, shard=population.KEY, counts=fresh)
            row = await population.find(house.db, shard=population.KEY)
        assert row is not None, "it was inserted, by whomever"
        key = house.sealer.open_column(row.counts, **_PLACE)
        house.watch.population = Population(_hashed_by(key), await self._stored())
        self._keyed = True

    async def _stored(self) -> dict[int, Row]:
        rows = await population.rows(self._house.db)
        return {row.shard: _decode(row.counts) for row in rows if row.shard != population.KEY}

    async def _add(self, shard: int, delta: Mapping[str, int]) -> None:
        async def body(tx: Transaction) -> None:
            row = await population.find(tx, shard=shard)
            counts = msgspec.json.encode(added({} if row is None else _decode(row.counts), delta))
            if row is None:
                if not await population.insert(tx, shard=shard, counts=counts):
                    raise Conflict
            elif await population.replace(tx, shard=shard, counts=counts, expected_version=row.version) != 1:
                raise Conflict

        await self._house.db.write(body)


def _hashed_by(key: bytes) -> Callable[[str], str]:
    """Return a keyed hash of text, in hexadecimal digits."""
    return lambda text: hmac.digest(key, text.encode(), hashlib.sha256).hex()
