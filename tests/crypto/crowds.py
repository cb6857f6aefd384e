"""How does a test fill the hashing threads? With as many hashes as a crowd would want."""

import asyncio

from poolkeeper.heavy import Asker


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


CROWD, SMALL, SINGLE = (Asker(f"network 198.51.100.{number}") for number in (1, 2, 3))


KNOWN, OTHER_KNOWN = Asker("user ada", known=True), Asker("user eve", known=True)
