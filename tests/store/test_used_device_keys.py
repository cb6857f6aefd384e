"""What becomes of device keys that were used up, when they get a table of their own? None can be confirmed again."""

from importlib.resources import files
from pathlib import Path

import pytest

from poolkeeper.clock import SystemClock
from poolkeeper.store import used_device_keys
from poolkeeper.store.db import Database, Transaction
from poolkeeper.store.migrate import migrate
from store.conftest import Engine

POOLS = ("us-east-1_many", "us-east-1_none", "us-east-1_one")
MANY = 1203


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """Write down what version 14 was made by."""
    folder = tmp_path / "before"
    folder.mkdir()
    for file in (files("poolkeeper.store") / "migrations").iterdir():
        if file.name.endswith(".sql") and file.name < "0016":
            (folder / file.name).write_text(file.read_text())
    return folder


async def _kept(database: Database) -> None:
    """Keep what version 14 kept: pools, and nonces with keys of devices among them."""

    async def body(tx: Transaction) -> None:
        for pool_id in POOLS:
            await tx.execute(
                """
                INSERT INTO pools (pool_id, region, state, version, name, document, preferences, secret, created_at, updated_at)
                VALUES ($1, 'us-east-1', 'ACTIVE', 1, 'p', '{}', '{}', $2, 1, 1)
                """,
                pool_id,
                b"sealed",
            )
        nonces = [
            *(("us-east-1_many", f"device key-{number:05}", number) for number in range(MANY)),
            ("us-east-1_many", "devicekey", 1),
            ("us-east-1_many", "a nonce", 1),
            ("us-east-1_none", "z nonce", 1),
            ("us-east-1_one", "device key-00000", 7),
        ]
        for row in nonces:
            await tx.execute("INSERT INTO nonces (pool_id, nonce, expires_at) VALUES ($1, $2, $3)", *row)

    await database.write(body)


def test_keys_that_are_used_up_stay_so(engine: Engine, before: Path) -> None:
    """More than are copied at once, each with its end, and no nonce among them; copied again nothing changes."""

    async def story(database: Database) -> None:
        await migrate(database, SystemClock(), before)
        await _kept(database)
        assert 16 in await migrate(database, SystemClock())
        expected = [
            *(("us-east-1_many", f"key-{number:05}", number) for number in range(MANY)),
            ("us-east-1_one", "key-00000", 7),
        ]
        for _ in range(2):
            rows = await database.fetch(
                "SELECT pool_id, device_key, expires_at FROM used_device_keys ORDER BY pool_id, device_key"
            )
            assert [tuple(row) for row in rows] == expected
            await used_device_keys.copy(database, 0)

        async def kept(tx: Transaction) -> bool:
            return await used_device_keys.keep(tx, pool_id="us-east-1_one", device_key="key-00000", expires_at=9)

        assert await database.write(kept) is False

    engine.run(story)
