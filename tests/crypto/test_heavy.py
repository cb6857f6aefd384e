"""Whether costly arithmetic is bounded and shared: so many at once, so many waiting, lines that take turns, one a key."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from gmpy2 import get_context

from crypto.crowds import CROWD, KNOWN, OTHER_KNOWN, SINGLE, SMALL, settle
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.errors import TooManyRequestsException
from poolkeeper.heavy import Asker, HeavyPool, KeyedLocks

SOMEBODY = Asker("network 192.0.2.1")


async def reach(condition: threading.Event) -> None:
    """Wait until a thread has set `condition`."""
    await asyncio.to_thread(condition.wait, 10)


def test_of_two_hundred_calls_at_once_the_excess_is_refused_and_never_runs() -> None:
    """Two threads and a queue of eight take ten calls; 190 are refused before anything ran for them."""
    ran: Counter[int] = Counter()
    gate = threading.Event()

    def work(number: int) -> int:
        gate.wait(10)
        ran[number] += 1
        return number

    async def story() -> tuple[list[int | BaseException], int]:
        pool = HeavyPool(2, 8)
        calls = [asyncio.create_task(pool.run(SOMEBODY, work, number)) for number in range(200)]
        await settle()
        refused = sum(call.done() for call in calls)
        gate.set()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert pool.started == 10
        assert pool.waiting == 0
        pool.close()
        return outcomes, refused

    outcomes, refused = asyncio.run(story())

    excess = [outcome for outcome in outcomes if isinstance(outcome, TooManyRequestsException)]
    assert refused == len(excess) == 190
    assert {error.message for error in excess} == {"Too many requests"}
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == list(range(10))
    assert ran == Counter(range(10))


def test_never_more_run_at_once_than_there_are_threads() -> None:
    """Whatever is asked for, the count of functions in progress stays at the number of threads."""
    lock, together = threading.Lock(), [0, 0]
    pair = threading.Barrier(2)

    def work() -> None:
        with lock:
            together[0] += 1
            together[1] = max(together)
        pair.wait(10)
        with lock:
            together[0] -= 1

    async def story() -> None:
        pool = HeavyPool(2, 100)
        await asyncio.gather(*(pool.run(SOMEBODY, work) for _ in range(40)))
        pool.close()

    asyncio.run(story())

    assert together == [0, 2]


def test_a_caller_that_goes_away_while_waiting_frees_its_place() -> None:
    """A cancelled waiter is never run, and the next caller takes its place in the queue."""
    gate, begun = threading.Event(), threading.Event()

    def block() -> None:
        begun.set()
        gate.wait(10)

    async def story() -> tuple[int, str]:
        pool = HeavyPool(1, 1)
        running = asyncio.create_task(pool.run(SOMEBODY, block))
        await reach(begun)
        waiting = asyncio.create_task(pool.run(SOMEBODY, block))
        await settle()
        with pytest.raises(TooManyRequestsException):
            await pool.run(SOMEBODY, str)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        next_one = asyncio.create_task(pool.run(SOMEBODY, str, "next"))
        await settle()
        gate.set()
        await running
        answer = await next_one
        pool.close()
        return pool.started, answer

    assert asyncio.run(story()) == (2, "next")


def test_a_caller_that_goes_away_while_running_keeps_its_thread_until_the_end() -> None:
    """A cancelled call cannot be stopped, so its thread is not given to another before it ends."""
    gate, begun = threading.Event(), threading.Event()

    def block() -> None:
        begun.set()
        gate.wait(10)
        raise RuntimeError("nobody is there to see this")

    async def story() -> tuple[bool, str]:
        pool = HeavyPool(1, 0)
        running = asyncio.create_task(pool.run(SOMEBODY, block))
        await reach(begun)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(TooManyRequestsException):
            await pool.run(SOMEBODY, str, "too early")
        gate.set()
        while pool._running:  # noqa: ASYNC110 - a pool tells nobody when a thread is free again
            await asyncio.sleep(0.001)
        answer = await pool.run(SOMEBODY, str, "later")
        pool.close()
        return running.cancelled(), answer

    assert asyncio.run(story()) == (True, "later")


def test_what_the_function_raises_reaches_its_caller() -> None:
    """An exception passes through, and the thread is free again."""

    async def story() -> int:
        pool = HeavyPool(1, 0)
        with pytest.raises(ZeroDivisionError):
            await pool.run(SOMEBODY, divmod, 1, 0)
        answer = await pool.run(SOMEBODY, int, "12", base=3)
        pool.close()
        return answer

    assert asyncio.run(story()) == 5


def test_a_closed_pool_refuses_all_who_ask_or_wait() -> None:
    """After close nobody hangs: the callers in the queue hear it too."""
    gate, begun = threading.Event(), threading.Event()

    def block() -> str:
        begun.set()
        gate.wait(10)
        return "finished"

    async def story() -> list[str | BaseException]:
        pool = HeavyPool(1, 3)
        running = asyncio.create_task(pool.run(SOMEBODY, block))
        await reach(begun)
        waiting = [asyncio.create_task(pool.run(SOMEBODY, str, "never")) for _ in range(3)]
        await settle()
        gate.set()
        pool.close()
        return await asyncio.gather(running, *waiting, return_exceptions=True)

    finished, *refused = asyncio.run(story())

    assert finished == "finished"
    assert [type(outcome) for outcome in refused] == [RuntimeError] * 3


def test_the_threads_let_the_loop_run_while_they_compute() -> None:
    """Every thread of the pool has GMP's lock-free context; the loop's own thread is left alone."""

    async def story() -> bool:
        pool = HeavyPool(1, 0)
        released = await pool.run(SOMEBODY, lambda: get_context().allow_release_gil)
        pool.close()
        return bool(released)

    assert asyncio.run(story())


def test_password_checks_run_in_the_pool() -> None:
    """Argon2's methods are handed over with their arguments and answer as they do in place."""
    hasher = Argon2(64, 1)

    async def story() -> bool:
        pool = HeavyPool(1, 0)
        encoded = await pool.run(SOMEBODY, hasher.hash, "secret", salt=bytes(16))
        verified = await pool.run(SOMEBODY, hasher.verify, encoded, "secret")
        pool.close()
        return verified

    assert asyncio.run(story())


class Turns:
    """A pool of one thread that is taken, before which others gather; `served` says in which order they were served."""

    def __init__(self, queue: int, *, reserve: int = 0) -> None:
        self.pool = HeavyPool(1, queue, reserve=reserve)
        self.served: list[str] = []
        self.refused: list[str] = []
        self._gate, self._begun = threading.Event(), threading.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def take(self, asker: Asker = SOMEBODY) -> None:
        """Take the one thread, for `asker`."""
        self._tasks.append(asyncio.create_task(self._ask(asker, "first", self._block)))
        await reach(self._begun)

    async def come(self, asker: Asker, *names: str) -> None:
        """Let callers come, one after the other, and see what becomes of each at once."""
        for name in names:
            self._tasks.append(asyncio.create_task(self._ask(asker, name, str)))
            await settle()

    async def end(self) -> list[str]:
        """Free the thread and return the order in which the callers were served."""
        self._gate.set()
        await asyncio.gather(*self._tasks)
        assert self.pool.waiting == 0
        assert not self.pool._lines
        self.pool.close()
        return self.served[1:]

    def _block(self) -> None:
        self._begun.set()
        self._gate.wait(10)

    async def _ask(self, asker: Asker, name: str, work: Callable[[], object]) -> None:
        def served() -> None:
            work()
            self.served.append(name)

        try:
            await self.pool.run(asker, served)
        except TooManyRequestsException:
            self.refused.append(name)


def test_who_comes_from_elsewhere_goes_before_a_crowd() -> None:
    """Lines take turns: the first of each that was there goes before the second of any, in the order of arrival."""

    async def story() -> list[str]:
        turns = Turns(20)
        await turns.take(CROWD)
        await turns.come(CROWD, "crowd 1", "crowd 2", "crowd 3", "crowd 4")
        await turns.come(SMALL, "small 1", "small 2")
        await turns.come(SINGLE, "single")
        return await turns.end()

    order = ["small 1", "single", "crowd 1", "small 2", "crowd 2", "crowd 3", "crowd 4"]
    assert asyncio.run(story()) == order


def test_newcomers_do_not_pass_who_waits_already() -> None:
    """However many networks come, each once: whoever was there before them in a short line is served before them."""

    async def story() -> list[str]:
        turns = Turns(20)
        await turns.take(CROWD)
        await turns.come(SINGLE, "single")
        for number in range(6):
            await turns.come(Asker(f"network 203.0.113.{number}"), f"newcomer {number}")
        return await turns.end()

    assert asyncio.run(story()) == ["single", *(f"newcomer {number}" for number in range(6))]


def test_a_line_that_was_served_is_no_newcomer() -> None:
    """Whoever asks again as soon as they were served stays in turn with a line that waits all the time."""

    async def story() -> list[str]:
        turns = Turns(20)
        await turns.take(SINGLE)
        await turns.come(CROWD, "crowd 1", "crowd 2", "crowd 3", "crowd 4")
        await turns.come(SINGLE, "single 1", "single 2")
        return await turns.end()

    assert asyncio.run(story()) == ["crowd 1", "crowd 2", "single 1", "crowd 3", "single 2", "crowd 4"]


def test_the_longest_line_gives_way_when_no_place_is_left() -> None:
    """A full queue of one crowd takes a newcomer in for its newest; one of the crowd's own is refused at once."""

    async def story() -> Turns:
        turns = Turns(4)
        await turns.take(CROWD)
        await turns.come(CROWD, "crowd 1", "crowd 2", "crowd 3", "crowd 4", "crowd 5")
        assert turns.refused == ["crowd 5"]
        await turns.come(SINGLE, "single 1")
        assert turns.refused == ["crowd 5", "crowd 4"]
        await turns.come(SINGLE, "single 2")
        assert turns.refused == ["crowd 5", "crowd 4", "crowd 3"]
        await turns.come(SINGLE, "single 3")
        assert turns.pool.waiting == 4
        await turns.end()
        return turns

    turns = asyncio.run(story())
    assert turns.refused == ["crowd 5", "crowd 4", "crowd 3", "single 3"]
    assert turns.served[1:] == ["single 1", "crowd 1", "single 2", "crowd 2"]


def test_many_lines_of_one_wide_network_give_way_when_no_place_is_left() -> None:
    """Whoever has a /48 can stand in 65,536 lines with one in each: its lines are then as long as one, and give way."""

    async def story() -> Turns:
        turns = Turns(4)
        await turns.take(CROWD)
        for number in range(4):
            await turns.come(Asker(f"wide {number}", wide="wide"), f"wide {number}")
        await turns.come(Asker("wide 4", wide="wide"), "wide 4")
        assert turns.refused == ["wide 4"]
        await turns.come(SINGLE, "single 1")
        assert len(turns.refused) == 2
        assert turns.refused[1].startswith("wide ")
        await turns.end()
        return turns

    assert "single 1" in asyncio.run(story()).served


def test_who_is_known_has_places_that_strangers_never_take() -> None:
    """With a queue full of strangers, one a network, the reserve is still there for the known, and they are in turn."""

    async def story() -> Turns:
        turns = Turns(3, reserve=2)
        await turns.take(CROWD)
        for number in range(4):
            await turns.come(Asker(f"network 203.0.113.{number}"), f"stranger {number}")
        assert turns.refused == ["stranger 3"]
        await turns.come(KNOWN, "known 1", "known 2", "known 3")
        assert turns.refused == ["stranger 3", "known 3"]
        await turns.come(OTHER_KNOWN, "other known")
        assert turns.refused == ["stranger 3", "known 3", "known 2"]
        await turns.end()
        return turns

    turns = asyncio.run(story())
    assert turns.served[1:] == ["stranger 0", "stranger 1", "stranger 2", "known 1", "other known"]


def test_the_known_do_not_shut_out_strangers() -> None:
    """One known line that fills everything gives way to a stranger, who has no reserve but a shorter line."""

    async def story() -> Turns:
        turns = Turns(2, reserve=2)
        await turns.take(KNOWN)
        await turns.come(KNOWN, "known 1", "known 2", "known 3", "known 4")
        await turns.come(SINGLE, "single")
        await turns.end()
        return turns

    turns = asyncio.run(story())
    assert turns.refused == ["known 4"]
    assert turns.served[1:] == ["single", "known 1", "known 2", "known 3"]


def test_a_caller_that_leaves_as_its_turn_comes_gives_the_turn_on() -> None:
    """A waiter that is cancelled between the call and its answer to it takes no thread with it."""

    async def story() -> int:
        pool = HeavyPool(1, 2)
        gate, begun = threading.Event(), threading.Event()

        def block() -> None:
            begun.set()
            gate.wait(10)

        running = asyncio.create_task(pool.run(SOMEBODY, block))
        await reach(begun)
        leaving = asyncio.create_task(pool.run(SOMEBODY, str))
        last = asyncio.create_task(pool.run(SMALL, int))
        await settle()
        turn = pool._lines[SMALL.line].waiters[0].turn
        gate.set()
        while not turn.done():  # noqa: ASYNC110 - at each step of the loop: the caller has not heard of its turn yet
            await asyncio.sleep(0)
        last.cancel()
        outcomes = await asyncio.gather(running, leaving, last, return_exceptions=True)
        assert isinstance(outcomes[2], asyncio.CancelledError)
        assert not pool._lines
        pool.close()
        return pool.started

    assert asyncio.run(story()) == 2


def test_a_key_is_held_by_one_at_a_time_in_the_order_of_arrival() -> None:
    """Holders of one key follow each other; another key does not wait for them."""
    seen: list[str] = []

    async def enter(locks: KeyedLocks, key: str, name: str) -> None:
        async with locks.hold(key):
            seen.append(f"{name} in")
            await settle()
            seen.append(f"{name} out")

    async def story() -> int:
        locks = KeyedLocks(5)
        await asyncio.gather(enter(locks, "a", "1"), enter(locks, "a", "2"), enter(locks, "b", "3"))
        return len(locks)

    assert asyncio.run(story()) == 0
    assert [mark for mark in seen if mark[0] != "3"] == ["1 in", "1 out", "2 in", "2 out"]
    assert seen.index("3 in") < seen.index("1 out")


def test_too_many_that_wait_for_one_key_are_refused() -> None:
    """One holds, two wait, the fourth is refused; another key is free."""

    async def story() -> list[str | BaseException]:
        locks, gate = KeyedLocks(2), asyncio.Event()

        async def enter(key: str) -> str:
            async with locks.hold(key):
                await gate.wait()
                return key

        tasks = [asyncio.create_task(enter(key)) for key in ("a", "a", "a", "a", "b")]
        await settle()
        gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert len(locks) == 0
        return outcomes

    outcomes = asyncio.run(story())

    assert outcomes[:3] == ["a", "a", "a"]
    assert isinstance(outcomes[3], TooManyRequestsException)
    assert outcomes[4] == "b"


def test_a_holder_that_fails_or_leaves_lets_the_next_in() -> None:
    """An exception inside and a cancelled waiter both give the lock on, and no entry is left."""

    async def story() -> tuple[str, int]:
        locks = KeyedLocks(2)

        async def fail() -> None:
            async with locks.hold("a"):
                await settle()
                raise ZeroDivisionError

        async def enter() -> str:
            async with locks.hold("a"):
                return "in"

        failing, leaving = asyncio.create_task(fail()), asyncio.create_task(enter())
        last = asyncio.create_task(enter())
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(ZeroDivisionError):
            await failing
        return await last, len(locks)

    assert asyncio.run(story()) == ("in", 0)
