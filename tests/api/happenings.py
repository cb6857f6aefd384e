"""Which events did a test cause? What the log of its server holds of one pool."""

import asyncio
import json
from typing import Any

from api.world import PoolOfTests, World


def happened(world: World, pool: PoolOfTests, kind: str) -> list[dict[str, Any]]:
    """Return the events of a kind in a pool, oldest first.

    An answer is sent before its line is written, in one step of the server's loop: after a step of ours it is there.
    """
    world.run(lambda: asyncio.sleep(0))
    lines = [json.loads(line) for line in world.log if b'"event"' in line]
    return [line for line in lines if (line["event"], line["pool"]) == (kind, pool.pool_id)]
