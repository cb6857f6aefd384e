"""Who was refused within the last hour, and from where? Each process counts in memory, and sends its counts to the others.

The count of a network shows whether an attacker tries one name after the other from it; the count of a name shows whether
an attacker tries it from one network after the other.
"""

from collections import OrderedDict, deque

from poolkeeper.clock import HOUR

_MOST_KEYS, _MOST_OF_A_KEY, _MOST_PENDING = 8_192, 256, 4_096

Refusal = tuple[str, str, int]
"""A network, empty where none is known; a name, in any form that tells names apart; the moment (milliseconds)."""


class Refusals:
    """Counts refusals of the last hour by network and by name; the keys that were unused longest are forgotten first.

    `watching`: a caller has read counts, so this process needs those of the others too.
    """

    def __init__(self) -> None:
        self.watching = False
        self._of: OrderedDict[str, deque[tuple[int, str]]] = OrderedDict()
        self._pending: deque[Refusal] = deque(maxlen=_MOST_PENDING)

    def note(self, network: str, name: str, *, now: int) -> None:
        """Count a refusal of this process, and keep it for the other processes."""
        self._pending.append((network, name, now))
        self.add((network, name, now))

    def add(self, refusal: Refusal) -> None:
        """Count a refusal of any process."""
        network, name, at = refusal
        self._put(f"name {name}", at, "")
        if network:
            self._put(f"network {network}", at, name)

    def take(self) -> list[Refusal]:
        """Return the refusals of this process since the last call."""
        taken = list(self._pending)
        self._pending.clear()
        return taken

    def of_name(self, name: str, *, now: int) -> int:
        """Return how often a name was refused."""
        self.watching = True
        return len(self._recent(f"name {name}", now))

    def of_network(self, network: str, *, now: int) -> tuple[int, int]:
        """Return how often a network was refused, and with how many names, up to 256 each."""
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
        refusals = self._of.get(key, deque())
        while refusals and refusals[0][0] <= now - HOUR:
            refusals.popleft()
        return refusals
