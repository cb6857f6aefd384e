"""What do password hashes leave behind? One block a thread, however many were made: the C library keeps it and gives it again."""

import json
import subprocess
import sys
import textwrap

import pytest

THREADS, BLOCK_MIB = 2, 19
# What else may come with a crowd of hashes: stacks, the encoded results, the interpreter's own.
SLACK_MIB = 8

# In a process of its own, whose memory nothing else has touched.
RUSH = """
    import asyncio, json, resource
    from pathlib import Path
    from poolkeeper.crypto.password_hash import Argon2
    from poolkeeper.heavy import Asker, HeavyPool
    from poolkeeper.settings import DEFAULTS

    def resident():
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20

    async def rush(count):
        pool = HeavyPool(2, 64)
        hasher = Argon2(DEFAULTS["password_hash_memory"], DEFAULTS["password_hash_passes"])
        before, after = resident(), []
        for _ in range(4):
            hashes = (pool.run(Asker("a"), hasher.hash, "password", salt=bytes(16)) for _ in range(count))
            await asyncio.gather(*hashes)
            after.append(resident() - before)
        pool.close()
        return after

    print(json.dumps(asyncio.run(rush(16))))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_a_rush_leaves_one_block_a_thread() -> None:
    """After 16 hashes no more is kept than two blocks, and after 64 no more than after 16."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(RUSH)], capture_output=True, text=True, timeout=120, check=True
    )
    grown = json.loads(done.stdout)
    assert max(grown) <= THREADS * BLOCK_MIB + SLACK_MIB
    assert grown[-1] - grown[0] <= BLOCK_MIB + SLACK_MIB
