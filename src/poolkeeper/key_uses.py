"""When was an access key last used? Noted once an hour a key, when the answer is on its way: nobody waits for it."""

import logging

from poolkeeper.cache import Cache
from poolkeeper.call import Caller, House
from poolkeeper.clock import HOUR
from poolkeeper.store import access_keys
from poolkeeper.store.db import Unavailable

_log = logging.getLogger("poolkeeper.keys")


class KeyUses:
    """Notes uses of keys for the endpoint. What is remembered is when this process last noted one."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._noted: Cache[str, int] = Cache(1_024)

    async def __call__(self, caller: Caller, service: str, now: int) -> None:
        """Keep when, for which service and in which region a key signed a request that was verified; a session's has no row.

        A database that is away is told to the log: the answer has been sent already.
        """
        if caller.principal.temporary:
            return
        before = self._noted.get(caller.access_key_id)
        if before is not None and now - before < HOUR:
            return
        self._noted.put(caller.access_key_id, now)
        try:
            await access_keys.note_use(
                self._house.db, caller.access_key_id, service=service, region=caller.region, now=now, before=now - HOUR
            )
        except Unavailable as fault:
            _log.warning("the use of an access key could not be noted: %r", fault)
