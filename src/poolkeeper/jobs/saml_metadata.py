"""Are the metadata of SAML providers those of today? Fetched again after six hours, the old ones kept while none can be had."""

import logging

from poolkeeper.accounts import saml_metadata
from poolkeeper.accounts.identity_providers import decoded
from poolkeeper.accounts.saml_metadata import AGAIN, FRESH
from poolkeeper.call import House
from poolkeeper.clock import MINUTE
from poolkeeper.errors import InvalidParameterException
from poolkeeper.store import identity_providers, pools
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job
from poolkeeper.store.identity_providers import Stale

_EVERY = 5 * MINUTE
# Each may take its five seconds within the lease.
_BATCH = 12

_log = logging.getLogger("poolkeeper.federation")


async def refresh(house: House, _job: Job) -> int | None:
    """Fetch what is older than six hours, a few at a time; what fails is tried again in a quarter of an hour."""
    now = house.clock.now()
    stale = await identity_providers.stale_metadata(house.db, before=now - FRESH, limit=_BATCH)
    for provider in stale:
        await _refresh(house, provider, now)
    return now if len(stale) == _BATCH else now + _EVERY


async def _refresh(house: House, stale: Stale, now: int) -> None:
    key = {"pool_id": stale.pool_id, "name": stale.name}

    async def note(tx: Transaction) -> int:
        return await identity_providers.note_asking(tx, **key, seen=stale.asked_at, now=now - FRESH + AGAIN)

    if await house.db.write(note) != 1:
        return
    row = await identity_providers.find(house.db, **key)
    if row is None or row.metadata is None:
        return
    details = decoded(house, stale.pool_id, row).details
    try:
        metadata = await saml_metadata.read(house, details, now=now, pinned=stale.entity_id)
    except InvalidParameterException as fault:
        why = fault.detail or fault.message
        _log.warning("the metadata of %s in %s stay as they are: %s", stale.name, stale.pool_id, why)
        return
    stored_document, version = row.metadata, row.version

    async def keep(tx: Transaction) -> None:
        fresh = await identity_providers.find(tx, **key)
        if fresh is None or fresh.version != version:  # an administrator was quicker
            return
        await saml_metadata.keep(tx, stale.pool_id, stale.name, metadata, fetched=True, now=now)
        if metadata.document != stored_document:
            await pools.touch(tx, stale.pool_id)

    await house.db.write(keep)
