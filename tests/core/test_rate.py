"""Do a limit by the minute and counts by the hour count, forget and tell keys apart? Time is an argument."""

import pytest

from poolkeeper import rate
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.rate import HourlyCounts, RateLimit, TokenBuckets


def test_the_event_after_the_last_that_may_happen_does_not_pass() -> None:
    """Ten a minute: the eleventh waits until the first is a minute old."""
    limit = RateLimit(10)
    assert all(limit.passes("a", now=second * SECOND) for second in range(10))
    assert not limit.passes("a", now=30 * SECOND)
    assert limit.passes("a", now=MINUTE)
    assert not limit.passes("a", now=MINUTE)


def test_keys_do_not_share_a_limit() -> None:
    """One address that asks too often is nobody else's trouble."""
    limit = RateLimit(1)
    assert limit.passes("a", now=0)
    assert not limit.passes("a", now=0)
    assert limit.passes("b", now=0)


def test_no_limit_counts_nothing() -> None:
    """Zero means any number."""
    limit = RateLimit(0)
    assert all(limit.passes("a", now=0) for _ in range(1_000))


def test_an_hour_of_counts_begins_with_the_first() -> None:
    """Whatever comes within it is counted, and what comes after it begins anew; keys count by themselves."""
    counts = HourlyCounts()
    assert [counts.count("a", now=minute * MINUTE) for minute in (0, 30, 59)] == [1, 2, 3]
    assert counts.counted("a", now=HOUR - 1) == 3
    assert counts.counted("a", now=HOUR) == 0
    assert counts.count("b", now=59 * MINUTE) == 1
    assert counts.count("a", now=HOUR) == 1


def test_the_memory_of_counts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that was counted longest ago is forgotten, not the one that counts on."""
    monkeypatch.setattr(rate, "_HOURLY_KEYS", 3)
    counts = HourlyCounts()
    for key in ("a", "b", "c", "a", "d"):
        counts.count(key, now=0)
    assert [counts.counted(key, now=0) for key in "abcd"] == [2, 0, 1, 1]


def test_a_bucket_holds_what_a_second_brings() -> None:
    """Ten a second: ten at once, then one every tenth of a second, and after any pause ten again."""
    buckets = TokenBuckets()

    def taken(now: int) -> int:
        return sum(buckets.take("a", rate=10, now=now) for _ in range(20))

    assert [taken(0), taken(99), taken(100), taken(350), taken(MINUTE)] == [10, 0, 1, 2, 10]
    assert buckets.take("b", rate=10, now=MINUTE)


def test_a_share_of_less_than_one_a_second_passes_now_and_then() -> None:
    """One in two seconds."""
    buckets = TokenBuckets()
    passed = [now for now in range(0, 6_000, 500) if buckets.take("a", rate=0.5, now=now)]
    assert passed == [0, 2_000, 4_000]


def test_a_clock_that_is_put_back_stops_no_bucket() -> None:
    """It brings nothing for the hour that comes twice, and goes on from there."""
    buckets = TokenBuckets()
    assert buckets.take("a", rate=1, now=HOUR)
    assert not buckets.take("a", rate=1, now=0)
    assert buckets.take("a", rate=1, now=SECOND)
