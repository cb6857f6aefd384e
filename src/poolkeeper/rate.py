"""How often within a minute or an hour, and how many since the last time? Counts by key, in the memory of one process."""

from collections import Counter, OrderedDict, deque

from poolkeeper.clock import HOUR, MINUTE, SECOND

_KEYS = 65_536
_HOURLY_KEYS = 16_384
_ROUNDING = 1e-6


class RateLimit:
    """Lets `limit` events of one key pass within a minute; 0: any number. Keys unused longest are forgotten first."""

    __slots__ = ("_limit", "_times")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times: OrderedDict[str, deque[int]] = OrderedDict()

    def passes(self, key: str, *, now: int) -> bool:
        """Count an event at `now` (milliseconds) and say whether it may happen; one that may not is not counted."""
        if not self._limit:
            return True
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        if len(self._times) > _KEYS:
            self._times.popitem(last=False)
        while times and times[0] <= now - MINUTE:
            times.popleft()
        if len(times) >= self._limit:
            return False
        times.append(now)
        return True

    def clear(self) -> None:
        """Forget every event."""
        self._times.clear()


class TokenBuckets:
    """Lets requests of a key pass at a rate a second, and after a pause as many at once as a second brings."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, key: str, *, rate: float, now: int) -> bool:
        """Take one of what is left of a key at `now` (milliseconds), and say whether there was one."""
        most = max(rate, 1.0)
        tokens_left, at = self._buckets.get(key, (most, now))
        # A clock that was put back brings nothing, and what it brings from there on counts.
        tokens_left = min(most, tokens_left + max(now - at, 0) * rate / SECOND)
        passes = tokens_left > 1 - _ROUNDING
        self._buckets[key] = (tokens_left - 1 if passes else tokens_left, now)
        return passes

    def clear(self) -> None:
        """Forget what was taken."""
        self._buckets.clear()


class Crowds:
    """Reports the keys that came `every` times since they were reported last; `every` 0: none."""

    __slots__ = ("_counts", "_due", "_every")

    def __init__(self, every: int) -> None:
        self._every = every
        self._counts: Counter[str] = Counter()
        self._due: set[str] = set()

    def came(self, key: str) -> None:
        """Count one more of a key."""
        if not self._every:
            return
        self._counts[key] += 1
        if self._counts[key] >= self._every:
            del self._counts[key]
            self._due.add(key)

    def due(self) -> list[str]:
        """Return the keys whose time has come, once."""
        keys, self._due = sorted(self._due), set()
        return keys

    def clear(self) -> None:
        """Forget who came."""
        self._counts.clear()
        self._due.clear()


class HourlyCounts:
    """Counts events by key within an hour that begins with the first. Keys unused longest are forgotten first."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def count(self, key: str, *, now: int) -> int:
        """Count an event at `now` (milliseconds) and return how many there have been, this one included."""
        before = self.counted(key, now=now)
        began = self._counts[key][0] if before else now
        self._counts[key] = began, before + 1
        self._counts.move_to_end(key)
        if len(self._counts) > _HOURLY_KEYS:
            self._counts.popitem(last=False)
        return before + 1

    def counted(self, key: str, *, now: int) -> int:
        """Return how many events there have been in the hour that is under way."""
        began, events = self._counts.get(key, (now, 0))
        return events if now < began + HOUR else 0

    def clear(self) -> None:
        """Forget every event."""
        self._counts.clear()
