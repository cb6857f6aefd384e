"""Does what was acknowledged survive the disk? Power cuts and I/O errors under the real driver (attacks.md F3, F4)."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from poolkeeper.entropy import Entropy
from poolkeeper.store.db import Transaction, Unavailable
from poolkeeper.store.sqlite import SqliteDatabase
from store import powercut
from store.conftest import TOYS

INSERT = "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3)"
IDS = "SELECT toy_id FROM toys WHERE pool_id = $1 ORDER BY toy_id"


async def insert_twins(database: SqliteDatabase, toy_id: str, *, repeatable: bool = False) -> None:
    """Add two rows in one transaction: half of it must never be seen."""

    async def body(tx: Transaction) -> None:
        await tx.execute(INSERT, "p", toy_id, 1)
        await tx.execute(INSERT, "q", toy_id, 2)

    await database.write(body, repeatable=repeatable)


async def load(database: SqliteDatabase, acknowledged: list[str]) -> None:
    """Let four writers add 200 pairs each and note every one that was acknowledged."""

    async def writer(name: int) -> None:
        for number in range(200):
            await insert_twins(database, f"{name}-{number}")
            acknowledged.append(f"{name}-{number}")

    await asyncio.gather(*[writer(name) for name in range(4)])


def checkpoint_often(database: SqliteDatabase) -> None:
    """Let the log be folded into the file every 16 pages, so that the cuts fall on that too."""
    connection = database._writer._connection
    assert connection is not None
    connection.execute("PRAGMA wal_autocheckpoint=16")


def cuts(folder: Path, synchronous: str, *, seed: int, every: int) -> tuple[list[powercut.Cut], list[str]]:
    """Run the load and cut the power again and again; return the disks and what was acknowledged, in order."""
    chance = random.Random(seed)
    acknowledged: list[str] = []
    disk = powercut.Disk()
    found: list[powercut.Cut] = []

    def operation(_: int) -> bool:
        if acknowledged and chance.random() < 1 / every:
            found.append(disk.cut(chance, len(acknowledged)))
        return True

    async def story() -> None:
        database = SqliteDatabase(folder / "a.sqlite3", entropy=Entropy(), vfs=powercut.NAME, synchronous=synchronous)
        await database.execute(TOYS)
        checkpoint_often(database)
        disk.on_operation = operation
        await load(database, acknowledged)
        disk.on_operation = lambda number: True
        await database.close()

    with powercut.registered(disk):
        asyncio.run(story())
    return found, acknowledged


def survivors(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Start anew on what is left of a disk and return the pairs."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return asyncio.run(whole(folder / "a.sqlite3"))


async def whole(file: Path) -> list[str]:
    """Open a file as the next start of the server does, check that it is whole and takes changes; return the pairs."""
    database = SqliteDatabase(file, entropy=Entropy())
    await database.execute(TOYS)
    checked = await database.fetch("PRAGMA integrity_check")
    assert [row[0] for row in checked] == ["ok"]
    found = [row["toy_id"] for row in await database.fetch(IDS, "p")]
    assert found == [row["toy_id"] for row in await database.fetch(IDS, "q")], "half a transaction"
    await insert_twins(database, "after")
    await database.close()
    return found


def lost(folder: Path, disks: list[powercut.Cut], acknowledged: list[str]) -> Iterable[int]:
    """Yield for each power cut how many acknowledged changes are gone."""
    for number, disk in enumerate(disks):
        found = survivors(folder / str(number), disk.files)
        yield len(set(acknowledged[: disk.acknowledged]) - set(found))


def test_no_acknowledged_change_is_lost_to_a_power_cut(tmp_path: Path) -> None:
    """Whatever becomes of the sectors that were not synced, the file is whole and every acknowledged pair is there."""
    disks, acknowledged = cuts(tmp_path, "FULL", seed=3, every=3)
    assert len(disks) > 100
    assert Counter(lost(tmp_path, disks, acknowledged)) == {0: len(disks)}


def test_the_power_cut_is_real(tmp_path: Path) -> None:
    """With synchronous=NORMAL the same cuts do lose acknowledged changes: the test above can fail."""
    disks, acknowledged = cuts(tmp_path, "NORMAL", seed=3, every=20)
    assert len(disks) > 10
    assert sum(lost(tmp_path, disks, acknowledged)) > 0


@pytest.mark.parametrize("lasting", [False, True])
def test_an_error_of_the_disk_is_never_told_as_success(tmp_path: Path, lasting: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """At every operation in turn, once and for good: acknowledged pairs are there, refused ones whole or absent."""
    number, failed = 0, 1
    while failed:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        failed, acknowledged = asyncio.run(one_error(folder / "a.sqlite3", number, lasting=lasting))
        files = {
            name: (folder / name).read_bytes() for name in ("a.sqlite3", "a.sqlite3-wal") if (folder / name).exists()
        }
        assert set(acknowledged) <= set(survivors(folder / "later", files))
    assert number > 30


async def one_error(file: Path, number: int, *, lasting: bool) -> tuple[int, list[str]]:
    """Let operation `number` of a load fail; return how many operations failed and what was acknowledged."""
    disk = powercut.Disk()
    with powercut.registered(disk):
        database = SqliteDatabase(file, entropy=Entropy(), vfs=powercut.NAME)
        await database.execute(TOYS)
        checkpoint_often(database)
        failed, acknowledged, before = 0, [], disk.operations

        def operation(now: int) -> bool:
            nonlocal failed
            bad = now - before == number or (lasting and now - before > number)
            failed += bad
            return not bad

        disk.on_operation = operation
        for toy_id in ("a", "b", "c", "d", "e", "f", "g", "h"):
            try:
                await insert_twins(database, toy_id)
            except Unavailable:
                continue
            acknowledged.append(toy_id)

        disk.on_operation = lambda number: True
        await insert_twins(database, "recovered")
        await database.close()
    return failed, [*acknowledged, "recovered"]


def test_what_may_be_repeated_waits_for_no_sync_and_lasts_with_the_next_change(tmp_path: Path) -> None:
    """A power cut takes back the newest of it alone: what stands before an acknowledged change stands with it."""
    kept, synced, disk, chance = list[powercut.Cut](), list[int](), powercut.Disk(), random.Random(5)

    async def story() -> None:
        database = SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy(), vfs=powercut.NAME)
        await database.execute(TOYS)
        for number in range(12):
            last = number % 4 == 3
            before = disk.syncs
            await insert_twins(database, f"{number:02}", repeatable=not last)
            synced.append(disk.syncs - before)
            kept.append(disk.cut(chance, number + 1))
        await database.close()

    with powercut.registered(disk):
        asyncio.run(story())
    assert synced == [0, 0, 0, 1] * 3
    for number, cut in enumerate(kept):
        found = survivors(tmp_path / f"cut-{number}", cut.files)
        lasting = (number + 1) // 4 * 4
        assert found == [f"{n:02}" for n in range(len(found))]
        assert lasting <= len(found) <= number + 1
