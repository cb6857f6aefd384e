"""Does injected contention change any result? 30 % of commits fail, and nobody sees it (attacks.md F22)."""

import asyncio
import random

import pytest

from poolkeeper.entropy import Entropy
from poolkeeper.store import retry
from poolkeeper.store.db import Conflict, Database, Transaction, Unavailable
from store.broken_commits import break_commits
from store.conftest import Engine, Hasty

INSERT = "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3)"


def test_contention_at_three_commits_of_ten_changes_no_result(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes by 16 writers at once end as without faults: every row once, every sum right, at most ten attempts."""
    chance = random.Random(22)
    failed = 0

    def fails() -> bool:
        nonlocal failed
        now = chance.random() < 0.3
        failed += now
        return now

    async def story(database: Database) -> None:
        await database.execute(INSERT, "p", "sum", 0)
        break_commits(database, fails, monkeypatch)
        attempts: dict[str, int] = {}

        async def add(name: str) -> str:
            async def body(tx: Transaction) -> str:
                attempts[name] = attempts.get(name, 0) + 1
                await tx.execute(INSERT, "p", name, 1)
                await tx.execute("UPDATE toys SET n = n + 1 WHERE pool_id = $1 AND toy_id = $2", "p", "sum")
                return name

            return await database.write(body)

        async def writer(number: int) -> list[str]:
            return [await add(f"{number}-{turn}") for turn in range(6)]

        names = await asyncio.gather(*[writer(number) for number in range(16)])
        rows = await database.fetch("SELECT toy_id, n FROM toys WHERE pool_id = $1", "p")
        expected = {name for done in names for name in done}
        assert len(expected) == 96
        assert {row["toy_id"]: row["n"] for row in rows} == dict.fromkeys(expected, 1) | {"sum": 96}
        assert failed > 0
        assert 1 < max(attempts.values()) <= 10

    engine.run(story)


def test_commits_that_always_fail_are_given_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten attempts the caller hears Unavailable and nothing stands."""
    monkeypatch.setattr(retry, "pause", lambda attempt, entropy: 0.0)

    async def story(database: Database) -> None:
        runs = 0

        async def body(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            await tx.execute(INSERT, "p", "t", 1)

        with monkeypatch.context() as broken:
            break_commits(database, lambda: True, broken)
            with pytest.raises(Unavailable, match="10 attempts"):
                await database.write(body)
        assert runs == 10
        assert await database.fetch_one("SELECT n FROM toys WHERE pool_id = $1", "p") is None

    engine.run(story)


def test_pauses_double_under_full_jitter() -> None:
    """The ceiling is 10 ms, 20 ms, ... 1 s; a pause is anything below it; no entropy means no pause."""

    class Highest(Entropy):
        def below(self, limit: int) -> int:
            return limit - 1

    ceilings = [retry.pause(attempt, Highest()) for attempt in range(1, 10)]
    assert ceilings == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0]
    assert {retry.pause(attempt, Hasty()) for attempt in range(1, 10)} == {0.0}
    assert len({retry.pause(9, Entropy()) for _ in range(20)}) > 1


def test_an_attempt_is_repeated_for_its_reasons_alone() -> None:
    """Again and Conflict run it anew; any other exception is passed on at once."""

    async def story() -> None:
        runs: list[Exception] = []
        reasons = [retry.Again(), Conflict(), LookupError("other")]

        async def attempt() -> None:
            runs.append(reasons[len(runs)])
            raise runs[-1]

        with pytest.raises(LookupError, match="other"):
            await retry.run(attempt, Hasty())
        assert runs == reasons

    asyncio.run(story())
