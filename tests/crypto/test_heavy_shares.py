"""Does a crowd leave a thread to others? While there are others: whoever comes alone has all threads."""

import asyncio
import contextlib
import threading
from collections import deque

import pytest

from crypto.crowds import CROWD, KNOWN, SINGLE, settle
from poolkeeper.errors import TooManyRequestsException
from poolkeeper.heavy import Asker, HeavyPool


class Hall:
    """A pool of `threads` and eight places, whose functions end when they are let go; `begun` counts those of a line."""

    def __init__(self, threads: int = 2) -> None:
        self.pool = HeavyPool(threads, 8)
        self._gates: dict[str, deque[tuple[threading.Event, asyncio.Task[None]]]] = {}

    async def come(self, asker: Asker, number: int = 1) -> None:
        """Let so many callers come."""
        for _ in range(number):
            gate = threading.Event()
            task = asyncio.create_task(self._ask(asker, gate))
            self._gates.setdefault(asker.line, deque()).append((gate, task))
            await settle()

    async def go(self, asker: Asker) -> None:
        """Let the function of a line end that began first, and see who is given its thread."""
        gate, task = self._gates[asker.line].popleft()
        gate.set()
        await task
        await settle()

    def at_work(self, asker: Asker) -> int:
        """Return how many functions run for a line."""
        line = self.pool._lines.get(asker.line)
        return 0 if line is None else line.running

    async def end(self) -> None:
        """Let everybody go."""
        for gate, _ in (one for line in self._gates.values() for one in line):
            gate.set()
        await asyncio.gather(*(task for line in self._gates.values() for _, task in line))
        assert not self.pool._lines
        self.pool.close()

    async def _ask(self, asker: Asker, gate: threading.Event) -> None:
        with contextlib.suppress(TooManyRequestsException):
            await self.pool.run(asker, gate.wait, 10)


async def crowded(asker: Asker = CROWD, *, threads: int = 2) -> Hall:
    """Return a hall that is full of one line, behind which somebody else came and was served."""
    hall = Hall(threads)
    await hall.come(asker, threads + 8)
    assert hall.at_work(asker) == threads
    await hall.come(SINGLE)
    await hall.go(asker)
    assert hall.at_work(SINGLE) == 1
    await hall.come(asker, 1)
    await hall.go(SINGLE)
    return hall


def test_a_crowd_leaves_a_thread_to_whoever_comes_beside_it() -> None:
    """What runs cannot be interrupted: the next single caller finds a thread, and waits for nobody's hash."""

    async def story() -> None:
        hall = await crowded()
        assert (hall.at_work(CROWD), hall.pool.waiting) == (1, 8)
        for _ in range(3):
            await hall.come(SINGLE)
            assert hall.at_work(SINGLE) == 1
            await hall.go(SINGLE)
        assert hall.at_work(CROWD) == 1
        await hall.end()

    asyncio.run(story())


def test_a_crowd_that_is_alone_has_all_threads_again() -> None:
    """After some turns in a row; so a whole site behind one address loses nothing in its rush hour."""

    async def story() -> None:
        hall = await crowded()
        turns = 0
        while hall.at_work(CROWD) == 1:
            turns += 1
            assert turns <= 40
            await hall.go(CROWD)
            await hall.come(CROWD)
        assert turns > 30
        assert hall.at_work(CROWD) == 2
        await hall.end()

    asyncio.run(story())


@pytest.mark.parametrize(("asker", "threads"), [(KNOWN, 2), (CROWD, 1)], ids=["the known", "one thread"])
def test_nothing_is_left_idle_for_these(asker: Asker, threads: int) -> None:
    """Valid tokens and signatures are no strangers, and of one thread none can be left."""

    async def story() -> None:
        hall = await crowded(asker, threads=threads)
        assert hall.at_work(asker) == threads
        await hall.end()

    asyncio.run(story())


def test_a_short_line_uses_every_thread() -> None:
    """A few who wait are no crowd."""

    async def story() -> None:
        hall = Hall()
        await hall.come(CROWD, 5)
        await hall.come(SINGLE)
        await hall.go(CROWD)
        await hall.go(SINGLE)
        assert hall.at_work(CROWD) == 2
        await hall.end()

    asyncio.run(story())
