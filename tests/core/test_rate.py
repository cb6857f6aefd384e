"""Do a limit by the minute and counts by the hour count, forget and tell keys apart? Time is an argument."""

import pytest

from poolkeeper import rate
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.rate import HourlyCounts, RateLimit


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
