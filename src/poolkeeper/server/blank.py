"""What can be made before it is known whose server it is? A data folder whose copies are those of servers that nobody used yet.

Tables, sealing keys, certificates of development and a pool's worth of signing keys are what a first start takes its time
for. Copies share them, so they are for servers of tests alone (poolkeeper/nursery.py).
"""

import asyncio

from poolkeeper.clock import Clock
from poolkeeper.entropy import Entropy
from poolkeeper.server import devtls
from poolkeeper.server.start import create_ring, house_over, reach
from poolkeeper.settings import Settings
from poolkeeper.store import migrate
from poolkeeper.store.db import Transaction
from poolkeeper.tokens import keys


async def make(settings: Settings, clock: Clock, entropy: Entropy) -> None:
    """Make the data folder of the settings, which is not there yet; the first start over a copy is a first start.

    Raises CannotStart, OSError.
    """
    database = await reach(settings, entropy, exclusive=True)
    devtls.ensure(settings.data, now=clock.now(), entropy=entropy)
    create_ring(settings.sealing_keys, entropy)
    await migrate.migrate(database, clock)
    house = await house_over(settings, database, clock, entropy)
    try:
        new_keys = await asyncio.gather(*(asyncio.to_thread(keys.make, house) for _ in keys.PURPOSES))

        async def stock(tx: Transaction) -> None:
            for key in new_keys:
                await keys.stock(house, tx, key)

        await house.db.write(stock)
    finally:
        house.heavy.close()
        await house.db.close()
