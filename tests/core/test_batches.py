"""Does a bounded queue send in order, and again where it should? Whatever it loses is counted."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

import pytest

from poolkeeper.batches import Batches, Fate

Told = list[tuple[list[int], str]]


def sent(
    items: Sequence[int], fates: Iterator[Fate], *, most: int = 100, batch: int = 3, tries: int = 0
) -> tuple[Told, int, int]:
    """Put items into a queue whose other side answers so; return the batches, and how many were taken and lost."""
    told: Told = []
    taken, lost = [0], [0]
    ids = iter("abcdefgh")

    async def send(given: Sequence[int], batch_id: str) -> Fate:
        told.append((list(given), batch_id))
        return next(fates, Fate.TAKEN)

    def add(to: list[int]) -> Callable[[int], None]:
        def note(count: int) -> None:
            to[0] += count

        return note

    async def story() -> None:
        queue = Batches[int](
            send,
            on_drop=add(lost),
            on_taken=add(taken),
            make_id=lambda: next(ids),
            most=most,
            batch=batch,
            gather_seconds=0.001,
            most_tries=tries,
        )
        for item in items:
            queue.put(item)
        for _ in range(500):
            if queue.idle:
                break
            await asyncio.sleep(0.002)
        await queue.close(0)

    asyncio.run(story())
    return told, taken[0], lost[0]


def test_batches_come_in_order_each_with_its_id() -> None:
    """Seven by threes."""
    told, taken, lost = sent(range(7), iter(()))
    assert told == [([0, 1, 2], "a"), ([3, 4, 5], "b"), ([6], "c")]
    assert (taken, lost) == (7, 0)


def test_a_batch_is_sent_again_as_it_was() -> None:
    """By the same id, before anything that came later."""
    told, taken, lost = sent(range(4), iter((Fate.AGAIN, Fate.AGAIN, Fate.TAKEN)))
    assert told == [([0, 1, 2], "a")] * 3 + [([3], "b")]
    assert (taken, lost) == (4, 0)


def test_what_nobody_will_take_is_lost_and_the_next_is_sent() -> None:
    """And after so many tries in vain too."""
    assert sent(range(4), iter((Fate.REFUSED,)))[1:] == (1, 3)
    told, taken, lost = sent(range(4), iter((Fate.AGAIN, Fate.AGAIN)), tries=2)
    assert told == [([0, 1, 2], "a")] * 2 + [([3], "b")]
    assert (taken, lost) == (1, 3)


def test_the_oldest_give_way() -> None:
    """Three places: the last three go."""
    told, taken, lost = sent(range(8), iter(()), most=3)
    assert told == [([5, 6, 7], "a")]
    assert (taken, lost) == (3, 5)


def test_what_is_left_at_the_end_is_lost() -> None:
    """Of a side that never answers: what was under way and what waited."""
    lost: list[int] = []

    async def hang(_given: Sequence[int], _batch_id: str) -> Fate:
        await asyncio.sleep(60)
        return Fate.TAKEN

    async def story() -> None:
        queue = Batches[int](hang, on_drop=lost.append, most=10, batch=2, gather_seconds=0)
        for item in range(5):
            queue.put(item)
        await asyncio.sleep(0.01)
        await queue.close(0.01)

    asyncio.run(story())
    assert sum(lost) == 5


def test_an_accident_costs_its_batch_alone(caplog: pytest.LogCaptureFixture) -> None:
    """The log has it, and what comes later is sent."""

    class Accidents(Iterator[Fate]):
        def __init__(self) -> None:
            self._left = [1]

        def __next__(self) -> Fate:
            if self._left:
                self._left.clear()
                raise RuntimeError("of a test")
            return Fate.TAKEN

    told, taken, lost = sent(range(4), Accidents())
    assert told == [([0, 1, 2], "a"), ([3], "b")]
    assert (taken, lost) == (1, 3)
    assert "is lost" in caplog.text
