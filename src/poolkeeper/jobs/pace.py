"""How much does a job remove at once, and how long does it rest in between? So that others hardly notice it.

SQLite has one writer for everybody: another change waits only for a batch of one or two milliseconds, without a sync.
PostgreSQL lets others write meanwhile, and what they notice is each commit: batches are larger there, and fewer. On either
engine what removes rests two or three times as long as it worked, so most of the time is the others'; and it works slower
by itself where they load the database.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TypeVar

T = TypeVar("T")

_SECOND = 1_000_000_000
_SLICE = _SECOND


@dataclass(frozen=True, slots=True)
class _Measure:
    """How many rows go at once: as many as take `work` nanoseconds, at least `fewest`; the rest is `rests` times as long.

    In fewer, a commit costs more than the rows; in more, others wait longer for a batch than for their own change.
    """

    work: int
    fewest: int
    rests: float
    most: int = 500


_ONE_WRITER = _Measure(work=1_500_000, fewest=20, rests=1.5)
_MANY_WRITERS = _Measure(work=4_000_000, fewest=150, rests=3)


class Pace:
    """`rows` is how many go at once; `over` says that a job has had its slice, and others of the list are to have theirs.

    `one_writer`: a writer keeps all others from it, as the database says of itself.
    """

    def __init__(self, *, one_writer: bool) -> None:
        self._measure = _ONE_WRITER if one_writer else _MANY_WRITERS
        self.rows = self._measure.fewest
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
        of = self._measure
        self.rows = round(min(max(self.rows * min(max(of.work / took, 0.5), 1.25), of.fewest), of.most))
        rest = asyncio.sleep(took * of.rests / _SECOND)
        await (rest if meanwhile is None else asyncio.gather(rest, meanwhile()))
        return done
