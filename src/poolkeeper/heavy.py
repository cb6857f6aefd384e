"""How much costly arithmetic runs at once, and who waits for it? A bounded pool of threads, a fair queue, locks by key.

One Argon2 hash holds a core for some 20 ms and 19 MiB. More threads than cores only make every other answer late, and
a long queue only makes its own answers late: what would wait too long is refused at once (attacks: memory and CPU by
many sign-ins). Whoever waits stands in a line: that of their network, their access key, or their own where they are
known already. Lines take turns, so that a crowd from one address is a crowd in one line, and nobody else's.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from poolkeeper.crypto.srp import prepare_thread
from poolkeeper.errors import TooManyRequestsException

P = ParamSpec("P")
T = TypeVar("T")

_MESSAGE = "Too many requests"
# Somebody else is expected as long as one of this many turns was theirs.
_TURNS_FOR_OTHERS = 32


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for costly work. `line` names whom they share their turns and places with, `wide` who might stand in many.

    `known` are those who have shown something that a stranger cannot have: a valid token or signature, a remembered
    device. Lines of known and unknown askers must not share a name.
    """

    line: str
    known: bool = False
    wide: str = ""


@dataclass(slots=True, eq=False)
class _Waiter:
    """One who waits. `round` and `number` say who is served next: the lowest first."""

    round: int
    number: int
    turn: "asyncio.Future[None]"


@dataclass(slots=True, eq=False)
class _Line:
    """Those who wait under one name, and how many functions run for it; it exists only while there is either.

    `round` is that of the newest of them.
    """

    name: str
    known: bool
    round: int
    wide: str
    waiters: deque[_Waiter] = field(default_factory=deque)
    running: int = 0


class HeavyPool:
    """Runs functions in `threads` threads for callers who wait in lines; belongs to one event loop.

    `queue` may wait in all, and `reserve` more if they are known. When a place is wanted and none is left, the newest of
    the longest line gives way, unless the newcomer's line is as long. Of lines that are one place longer, those of whoever
    stands in most others give way: a wide network has a line for each of its parts. Turns go round: the n-th who waits in one line
    comes after the first of every line that was there by then, and before its second (start-time fair queueing, Goyal,
    Vin and Cheng 1996, with every function of one length). Next is not at once: all threads may be at work for a crowd, and
    an Argon2 hash cannot be interrupted. So a line of strangers that fills most of the queue leaves one thread to the
    others, while there are any: a crowd that is alone has all of them.

    `started` counts the functions that began, `waiting` the callers in the queue.
    """

    def __init__(self, threads: int, queue: int, *, reserve: int = 0) -> None:
        self._executor = ThreadPoolExecutor(threads, "heavy", initializer=prepare_thread)
        self._threads = threads
        self._queue = queue
        self._reserve = reserve
        self._lines: dict[str, _Line] = {}
        self._round = 0
        self._numbers = 0
        self._running = 0
        self._latest = ""
        self._in_a_row = _TURNS_FOR_OTHERS
        self.started = 0

    @property
    def waiting(self) -> int:
        return _waiting(self._lines.values())

    async def run(self, asker: Asker, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns in a thread of the pool.

        Raises TooManyRequestsException, with nothing run: at once where there is no place for `asker`, later where their
        place was given to somebody of a shorter line. A caller that is cancelled while it waits gives its place back;
        once the function runs its thread is taken until it ends.
        """
        line = self._lines.setdefault(
            asker.line, _Line(asker.line, asker.known, self._round - 1, asker.wide or asker.line)
        )
        if self._running < self._threads and not self._has_its_share(line):
            line.round = max(self._round, line.round + 1)
            self._take_turn(line, line.round)
        else:
            await self._wait(asker.line, line)

        try:
            call = asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **kwargs))
        except RuntimeError:  # closed meanwhile: the next in the queue must hear it too
            self._end_turn(asker.line, line)
            raise
        self.started += 1
        call.add_done_callback(lambda ended: self._finished(asker.line, line, ended))
        return await asyncio.shield(call)

    def close(self) -> None:
        """Let running functions end and start no more."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def _wait(self, name: str, line: _Line) -> None:
        """Return when it is the caller's turn."""
        try:
            self._make_room(line)
        except TooManyRequestsException:
            self._forget_if_empty(name, line)
            raise
        line.round = max(self._round, line.round + 1)
        self._numbers += 1
        waiter = _Waiter(line.round, self._numbers, asyncio.get_running_loop().create_future())
        line.waiters.append(waiter)
        try:
            await waiter.turn
        except BaseException:
            if waiter in line.waiters:
                line.waiters.remove(waiter)
                self._forget_if_empty(name, line)
            elif waiter.turn.cancelled() or waiter.turn.exception() is not None:  # gave way
                self._forget_if_empty(name, line)
            else:  # cancelled after its turn had come
                self._end_turn(name, line)
            raise

    def _make_room(self, mine: _Line) -> None:
        """See to it that one more may wait in `mine`; raises TooManyRequestsException where nobody gives way."""
        strangers = [line for line in self._lines.values() if not line.known]
        if self.waiting >= self._queue + self._reserve:
            rivals: Iterable[_Line] = self._lines.values()
        elif not mine.known and _waiting(strangers) >= self._queue:
            rivals = strangers
        else:
            return

        of_wide = Counter[str]()
        for line in self._lines.values():
            of_wide[line.wide] += len(line.waiters)
        longest = max(rivals, key=lambda line: (len(line.waiters), of_wide[line.wide]), default=mine)
        longer = len(longest.waiters) - len(mine.waiters)
        if longer <= 0 or (longer == 1 and of_wide[longest.wide] <= of_wide[mine.wide] + 1):
            raise TooManyRequestsException(_MESSAGE)
        longest.round -= 1
        longest.waiters.pop().turn.set_exception(TooManyRequestsException(_MESSAGE))  # its waiter forgets an empty line

    def _take_turn(self, line: _Line, turn_round: int) -> None:
        self._round = turn_round
        self._in_a_row = self._in_a_row + 1 if line.name == self._latest else 0
        self._latest = line.name
        line.running += 1
        self._running += 1

    def _end_turn(self, name: str, line: _Line) -> None:
        """Give the thread to whoever is next, and one that was left to others to a crowd that is alone by now."""
        line.running -= 1
        self._running -= 1
        self._forget_if_empty(name, line)
        while self._running < self._threads:
            waiting = [line for line in self._lines.values() if line.waiters and not self._has_its_share(line)]
            if not waiting:
                return
            following = min(waiting, key=lambda line: (line.waiters[0].round, line.waiters[0].number))
            waiter = following.waiters.popleft()
            self._take_turn(following, waiter.round)
            waiter.turn.set_result(None)

    def _has_its_share(self, line: _Line) -> bool:
        """Say whether a line is a crowd of strangers that has all threads but one, while others come too."""
        crowd = not line.known and len(line.waiters) >= self._queue * 3 // 4
        return crowd and 0 < self._threads - 1 <= line.running and self._in_a_row < _TURNS_FOR_OTHERS

    def _forget_if_empty(self, name: str, line: _Line) -> None:
        if not line.waiters and not line.running and self._lines.get(name) is line:
            del self._lines[name]

    def _finished(self, name: str, line: _Line, call: "asyncio.Future[T]") -> None:
        self._end_turn(name, line)
        if not call.cancelled():
            # A caller that went away does not fetch the outcome; asyncio would complain of an exception unseen.
            call.exception()


def _waiting(lines: Iterable[_Line]) -> int:
    return sum(len(line.waiters) for line in lines)


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class KeyedLocks:
    """One lock for each key, which exists only while somebody holds or awaits it; belongs to one event loop."""

    def __init__(self, waiters: int) -> None:
        self._waiters = waiters
        self._entries: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Hold the lock of `key`, in the order of arrival.

        Raises TooManyRequestsException at once where as many as `waiters` wait for it already.
        """
        entry = self._entries.setdefault(key, _Entry())
        if entry.users > self._waiters:
            raise TooManyRequestsException(_MESSAGE)
        entry.users += 1
        try:
            async with entry.lock:
                yield
        finally:
            entry.users -= 1
            if entry.users == 0:
                del self._entries[key]
