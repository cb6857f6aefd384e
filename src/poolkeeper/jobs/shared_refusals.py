"""How do processes hear of each other's refusals? Each tells twice a second what it has counted, and reads what others tell.

Guesses come through a balancer, so each process would see only a part of them. A process that has counted nothing since,
and has never met a watched pool, asks nothing. What is told is sealed: it names networks and users.
"""

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.crypto.seal import SealError
from poolkeeper.risk.refusals import Refusal
from poolkeeper.store import shared_refusals
from poolkeeper.store.shared_refusals import ToldRow

_PURPOSE = "refusals"
# Clocks of processes are apart, and what was told a moment ago may be committed only now.
_OVERLAP = 5 * SECOND
_MOST = 500

_decode = msgspec.msgpack.Decoder(list[Refusal]).decode


class Sharing:
    """What a process has told and heard."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._writer = house.entropy.token(9)
        self._read_until = 0
        self._heard: dict[tuple[int, str], None] = {}
        self._forgotten_at = 0

    async def exchange(self) -> None:
        """Tell what was counted here, and count what others have told, where anybody watches."""
        house, refusals = self._house, self._house.memory.refusals
        if not refusals.watching:
            return
        now = house.clock.now()
        if mine := refusals.take():
            sealed = house.sealer.seal_blob(msgspec.msgpack.encode(mine), purpose=_PURPOSE, now=now)
            await shared_refusals.tell(house.db, ToldRow(now, self._writer, sealed))
            self._heard[now, self._writer] = None
        alone = house.db.one_writer  # a lone process has nothing to hear but what was told before it began
        if not alone or not self._read_until:
            await self._hear(now)
        if now >= self._forgotten_at + MINUTE:
            self._forgotten_at = now
            await shared_refusals.forget(house.db, before=now - HOUR)

    async def _hear(self, now: int) -> None:
        begin = max(self._read_until - _OVERLAP, now - HOUR)
        rows = await shared_refusals.since(self._house.db, at=begin, limit=_MOST)
        for row in rows:
            if (row.at, row.writer) not in self._heard:
                self._heard[row.at, row.writer] = None
                self._count(row)
        self._read_until = rows[-1].at if len(rows) == _MOST else now
        for entry in [entry for entry in self._heard if entry[0] < begin - _OVERLAP]:
            del self._heard[entry]

    def _count(self, row: ToldRow) -> None:
        house = self._house
        try:
            refusals = _decode(house.sealer.open_blob(row.refusals, purpose=_PURPOSE))
        except (SealError, msgspec.MsgspecError):
            return  # of a server of another version
        for refusal in refusals:
            house.memory.refusals.add(refusal)
