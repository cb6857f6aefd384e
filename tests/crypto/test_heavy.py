"""Whether costly arithmetic is bounded: so many at once, so many waiting, one a key."""

import asyncio
import threading
from collections import Counter

import pytest
from gmpy2 import get_context

from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.errors import TooManyRequestsException
from poolkeeper.heavy import HeavyPool, KeyedLocks


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


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
        calls = [asyncio.create_task(pool.run(work, number)) for number in range(200)]
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
        await asyncio.gather(*(pool.run(work) for _ in range(40)))
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
        running = asyncio.create_task(pool.run(block))
        await reach(begun)
        waiting = asyncio.create_task(pool.run(block))
        await settle()
        with pytest.raises(TooManyRequestsException):
            await pool.run(str)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        next_one = asyncio.create_task(pool.run(str, "next"))
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
        running = asyncio.create_task(pool.run(block))
        await reach(begun)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(TooManyRequestsException):
            await pool.run(str, "too early")
        gate.set()
        while pool._free.locked():  # noqa: ASYNC110 - a pool tells nobody when a thread is free again
            await asyncio.sleep(0.001)
        answer = await pool.run(str, "later")
        pool.close()
        return running.cancelled(), answer

    assert asyncio.run(story()) == (True, "later")


def test_what_the_function_raises_reaches_its_caller() -> None:
    """An exception passes through, and the thread is free again."""

    async def story() -> int:
        pool = HeavyPool(1, 0)
        with pytest.raises(ZeroDivisionError):
            await pool.run(divmod, 1, 0)
        answer = await pool.run(int, "12", base=3)
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
        running = asyncio.create_task(pool.run(block))
        await reach(begun)
        waiting = [asyncio.create_task(pool.run(str, "never")) for _ in range(3)]
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
        released = await pool.run(lambda: get_context().allow_release_gil)
        pool.close()
        return bool(released)

    assert asyncio.run(story())


def test_password_checks_run_in_the_pool() -> None:
    """Argon2's methods are handed over with their arguments and answer as they do in place."""
    hasher = Argon2(64, 1)

    async def story() -> bool:
        pool = HeavyPool(1, 0)
        encoded = await pool.run(hasher.hash, "secret", salt=bytes(16))
        verified = await pool.run(hasher.verify, encoded, "secret")
        pool.close()
        return verified

    assert asyncio.run(story())


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
