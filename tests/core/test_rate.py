"""Does a limit by the minute count, forget and tell keys apart? Time is an argument."""

from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.rate import RateLimit


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
