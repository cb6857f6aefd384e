"""How often within a minute? A sliding count by key, in the memory of one process, for limits that need no more."""

from collections import OrderedDict, deque

from poolkeeper.clock import MINUTE

_KEYS = 65_536


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
