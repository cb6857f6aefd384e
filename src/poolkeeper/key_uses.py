"""When was an access key last used, and when a role? Noted once an hour each, when the answer is on its way: nobody waits."""

import logging

from poolkeeper.cache import Cache
from poolkeeper.call import Caller, House
from poolkeeper.clock import HOUR
from poolkeeper.model.principal import Kind
from poolkeeper.store import access_keys, iam_entities
from poolkeeper.store.db import Unavailable

_log = logging.getLogger("poolkeeper.keys")


class KeyUses:
    """Notes uses of keys for the endpoint. What is remembered is when this process last noted one."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._noted: Cache[str, int] = Cache(1_024)

    async def __call__(self, caller: Caller, service: str, now: int) -> None:
        """Keep when, for which service and in which region a key, or a role's session, signed a request that was verified.

        Other sessions leave nothing. A database that is away is told to the log: the answer has been sent already.
        """
        by_role = caller.principal.kind is Kind.ROLE
        if caller.principal.temporary and not by_role:
            return
        used = caller.principal.owner_id if by_role else caller.access_key_id
        before = self._noted.get(used)
        if before is not None and now - before < HOUR:
            return
        self._noted.put(used, now)
        db, region, ago = self._house.db, caller.region, now - HOUR
        try:
            if by_role:
                await iam_entities.note_use(db, used, region=region, now=now, before=ago)
            else:
                await access_keys.note_use(db, used, service=service, region=region, now=now, before=ago)
        except Unavailable as fault:
            _log.warning("the use of an access key or a role could not be noted: %r", fault)
