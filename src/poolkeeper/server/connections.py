"""Who is connected to this process, and who has to go where there is no room? One count for all its listeners.

Connections are counted for all and for each client's network. Where no more fit, the connection goes that has waited
longest for its client: between two requests, in a TLS handshake, or in the middle of a request that does not come to
its end. A connection that is being answered never has to go. Those of trusted proxies are not counted against their
network, and go last, since a proxy may send the next request at that very moment.
"""

import contextlib
import resource
from collections.abc import Callable
from dataclasses import dataclass

from poolkeeper.client_address import client_network, is_trusted, plain_address
from poolkeeper.settings import Settings

# What a process has open besides connections: its log, its functions, mail that it sends, connections to a database.
SPARE_DESCRIPTORS = 108
FEWEST = 16
# More serves nobody, and programs that we start may close as many one by one.
_MOST_DESCRIPTORS = 1_048_576


@dataclass(slots=True, eq=False)
class Network:
    """How many connections a client's network has open, and how many bytes of requests they hold."""

    name: str
    connections: int = 0
    held: int = 0


@dataclass(slots=True, eq=False)
class Entry:
    """One connection that is counted, until it is not `inside` any more.

    `give_way` ends it at once; `held` are bytes of requests without an answer.
    """

    network: Network
    trusted: bool
    give_way: Callable[[], None]
    held: int = 0
    inside: bool = True


class Connections:
    """The open connections of one process, at most `room` of them; belongs to one event loop."""

    def __init__(self, settings: Settings, *, room: int | None = None) -> None:
        self._room = settings.max_connections if room is None else room
        self._most_per_network = settings.max_connections_per_address
        self._most_held = settings.max_body_memory
        self._trusted = settings.trusted_proxies
        self._count = 0
        self._networks: dict[str, Network] = {}
        # The connections that wait for their client, and those of them that hold bytes of it, longest first (a dict
        # keeps its order).
        self._waiting: dict[Entry, None] = {}
        self._holding: dict[Entry, None] = {}
        self._held = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, peer: str, give_way: Callable[[], None]) -> Entry | None:
        """Count a connection from the address `peer`; None where it may not stay.

        It waits for its client from now on. Where there is no room left, another connection is made to give way.
        """
        address = plain_address(peer)
        name, trusted = client_network(address), is_trusted(address, self._trusted)
        known_network = self._networks.get(name)
        if known_network is not None and known_network.connections >= self._most_per_network and not trusted:
            return None
        if self._count >= self._room and not self._make_room():
            return None
        network = self._networks.setdefault(name, Network(name))  # whoever gave way may have been the last of it
        entry = Entry(network, trusted, give_way)
        self._count += 1
        network.connections += 1
        self._waiting[entry] = None
        return entry

    def leave(self, entry: Entry) -> None:
        """Forget a connection; again is no fault."""
        if not entry.inside:
            return
        self.release(entry, entry.held)
        entry.inside = False
        self._count -= 1
        self._waiting.pop(entry, None)
        entry.network.connections -= 1
        if not entry.network.connections:
            del self._networks[entry.network.name]

    def wait(self, entry: Entry) -> None:
        """Note that a connection waits for its client from now on, unless it did already."""
        if entry.inside:
            self._waiting.setdefault(entry)
            if entry.held:
                self._holding.setdefault(entry)

    def work(self, entry: Entry) -> None:
        """Note that a whole request is here, and the client waits for us."""
        self._waiting.pop(entry, None)
        if entry.held:
            self._holding.pop(entry, None)

    def hold(self, entry: Entry, size: int) -> bool:
        """Count `size` bytes more of a request that comes; False where they may not be kept.

        Where too much is held, the network that holds most loses the request which has been on its way longest.
        """
        if not entry.inside:
            return False
        while self._held + size > self._most_held:
            most = max(self._holding, key=lambda candidate: candidate.network.held, default=entry)
            if most is entry:
                return False
            self._end(most)
        entry.held += size
        entry.network.held += size
        self._held += size
        if entry in self._waiting:
            self._holding.setdefault(entry)
        return True

    def release(self, entry: Entry, size: int) -> None:
        """Forget so many of the bytes that a connection holds: they were answered."""
        self._held -= size
        entry.network.held -= size
        entry.held -= size
        if not entry.held:
            self._holding.pop(entry, None)

    def _make_room(self) -> bool:
        """Have the connection give way that has waited longest, and say whether there is one."""
        longest = next((entry for entry in self._waiting if not entry.trusted), next(iter(self._waiting), None))
        if longest is not None:
            self._end(longest)
        return longest is not None

    def _end(self, entry: Entry) -> None:
        self.leave(entry)
        entry.give_way()


def raise_descriptors() -> int:
    """Let this process, and those that it starts, have as many descriptors as the system allows it; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < target:
        # Some systems allow less than they say.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST_DESCRIPTORS if limit == resource.RLIM_INFINITY else limit


def room_for(settings: Settings, *, descriptors: int) -> int:
    """Return how many connections a process with so many descriptors may have: fewer than the settings say, if need be."""
    database = settings.database_read_connections + settings.database_write_connections
    return min(settings.max_connections, max(FEWEST, descriptors - SPARE_DESCRIPTORS - database))
