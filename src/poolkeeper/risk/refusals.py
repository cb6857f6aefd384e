"""Who was refused within the last hour, and from where? Counts in the memory of a process, told on to the others.

What is counted of a network says whether somebody tries one name after the other from it; what is counted of a name, whether
somebody tries it from one network after the other.
"""

from collections import OrderedDict, deque

from poolkeeper.clock import HOUR

_MOST_KEYS, _MOST_OF_A_KEY, _MOST_PENDING = 8_192, 256, 4_096

Refusal = tuple[str, str, int]
"""A network, empty where none is known; a name, in whatever form tells names apart; the moment (milliseconds)."""


class Refusals:
    """Counts refusals of the last hour by network and by name; what was unused longest is forgotten first.

    `watching`: somebody asked, so that what others count is of use here.
    """

    def __init__(self) -> None:
        self.watching = False
        self._of: OrderedDict[str, deque[tuple[int, str]]] = OrderedDict()
        self._pending: deque[Refusal] = deque(maxlen=_MOST_PENDING)

    def note(self, network: str, name: str, *, now: int) -> None:
        """Count a refusal, to be told on to other processes."""
        self._pending.append((network, name, now))
        self.add((network, name, now))

    def add(self, refusal: Refusal) -> None:
        """Count a refusal that another process tells of."""
        network, name, at = refusal
        self._put(f"name {name}", at, "")
        if network:
            self._put(f"network {network}", at, name)

    def take(self) -> list[Refusal]:
        """Return what was counted here since this was asked last."""
        taken = list(self._pending)
        self._pending.clear()
        return taken

    def of_name(self, name: str, *, now: int) -> int:
        """Return how often a name was refused."""
        self.watching = True
        return len(self._recent(f"name {name}", now))

    def of_network(self, network: str, *, now: int) -> tuple[int, int]:
        """Return how often a network was refused, and with how many names; both end at 256."""
        recent = self._recent(f"network {network}", now)
        return len(recent), len({name for _, name in recent})

    def clear(self) -> None:
        """Forget everything."""
        self._of.clear()
        self._pending.clear()

    def _put(self, key: str, at: int, name: str) -> None:
        self._of.setdefault(key, deque(maxlen=_MOST_OF_A_KEY)).append((at, name))
        self._of.move_to_end(key)
        if len(self._of) > _MOST_KEYS:
            self._of.popitem(last=False)

    def _recent(self, key: str, now: int) -> deque[tuple[int, str]]:
        held = self._of.get(key, deque())
        while held and held[0][0] <= now - HOUR:
            held.popleft()
        return held
