"""How is there always a signing key for the next pool? A small stock, filled one by one."""

import asyncio

from poolkeeper.call import House
from poolkeeper.clock import MINUTE
from poolkeeper.store import key_stock
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job
from poolkeeper.tokens import keys

STOCK = 20
# In development somebody makes a pool now and then, and every server of their tests pays for the rest of the stock.
STOCK_IN_DEVELOPMENT = 4


async def fill(house: House, _job: Job) -> int | None:
    """Make one key if the stock is short; one at a time, so that sign-ins are hardly kept waiting."""
    now = house.clock.now()
    if await key_stock.size(house.db) >= (STOCK_IN_DEVELOPMENT if house.settings.dev else STOCK):
        return now + MINUTE
    key = await asyncio.to_thread(keys.make, house)

    async def body(tx: Transaction) -> None:
        await keys.stock(house, tx, key)

    await house.db.write(body)
    return house.clock.now()
