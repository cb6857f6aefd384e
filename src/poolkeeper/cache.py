"""What may a process remember? A bounded map that forgets what was used longest ago; never a source of truth."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """A least-recently-used cache of at most `size` entries, for one event loop.

    With `weigh`, the weights of all entries together stay within `size`; an entry that weighs more is not remembered.
    """

    __slots__ = ("_entries", "_size", "_weigh", "_weight")

    def __init__(self, size: int, weigh: Callable[[K], int] | None = None) -> None:
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._size = size
        self._weigh = weigh or _weight_of_one
        self._weight = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return what is remembered for `key`, or None."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Remember `value` for `key`."""
        if key not in self._entries:
            self._weight += self._weigh(key)
        self._entries[key] = value
        self._entries.move_to_end(key)
        while self._weight > self._size:
            oldest, _ = self._entries.popitem(last=False)
            self._weight -= self._weigh(oldest)

    def drop(self, key: K) -> None:
        """Forget `key`."""
        if self._entries.pop(key, None) is not None:
            self._weight -= self._weigh(key)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._weight = 0


def _weight_of_one(_key: object) -> int:
    return 1
