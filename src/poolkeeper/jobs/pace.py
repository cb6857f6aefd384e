"""How much is removed at once, and how long is rested in between? So that others hardly notice it.

SQLite has one writer, who is everybody's: a batch that takes milliseconds is all that another's change ever waits for. On
either engine what removes rests twice as long as it worked, so two thirds of the time at least are the others'; and
it works slower by itself where they load the database.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter_ns
from typing import TypeVar

T = TypeVar("T")

# In fewer, a commit and its sync cost more than the rows; in more, others wait for a batch longer than for their own change.
_FEWEST, _MOST = 40, 500
_SECOND = 1_000_000_000
_WORK, _RESTS, _SLICE = 1_200_000, 2, _SECOND


class Pace:
    """`rows` is how many go at once; `over` says that a job has had its slice, and others of the list are to have theirs."""

    def __init__(self) -> None:
        self.rows = _FEWEST
        self._ends = perf_counter_ns() + _SLICE

    @property
    def over(self) -> bool:
        return perf_counter_ns() >= self._ends

    async def step(self, work: Callable[[], Awaitable[T]], meanwhile: Callable[[], Awaitable[None]] | None = None) -> T:
        """Do one piece of work, rest in proportion to what it took, and return what it returned.

        `meanwhile` is what keeps nobody waiting: it is done in the rest.
        """
        begun = perf_counter_ns()
        done = await work()
        took = perf_counter_ns() - begun
        self.rows = round(min(max(self.rows * min(max(_WORK / took, 0.5), 1.25), _FEWEST), _MOST))
        rest = asyncio.sleep(took * _RESTS / _SECOND)
        await (rest if meanwhile is None else asyncio.gather(rest, meanwhile()))
        return done
