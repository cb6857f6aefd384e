"""Who has to go where there is no room? One count for all listeners, by network, by idleness and by bytes held."""

import resource

import pytest

from poolkeeper.server import connections
from poolkeeper.server.connections import Connections, Entry, raise_descriptors, room_for
from poolkeeper.settings import Settings


class House:
    """Connections, and the names of those that had to give way, in order."""

    def __init__(self, *, room: int | None = None, **settings: object) -> None:
        self.connections = Connections(Settings(**settings), room=room)  # type: ignore[arg-type]  # names of settings
        self.gone: list[str] = []

    def enter(self, name: str, peer: str) -> Entry | None:
        return self.connections.enter(peer, lambda: self.gone.append(name))

    def let_in(self, name: str, peer: str) -> Entry:
        entry = self.enter(name, peer)
        assert entry is not None
        return entry


def test_the_longest_idle_gives_way_when_all_places_are_taken() -> None:
    """In the order in which they began to wait: whoever was answered since then waits less long than a newcomer before."""
    house = House(room=3)
    first, _, _ = (house.let_in(name, f"192.0.2.{number}") for number, name in enumerate(("first", "second", "third")))
    house.connections.work(first)
    house.connections.wait(first)

    for number, name in enumerate(("fourth", "fifth", "sixth", "seventh")):
        house.let_in(name, f"198.51.100.{number}")
    assert house.gone == ["second", "third", "first", "fourth"]
    assert len(house.connections) == 3


def test_a_connection_that_is_being_answered_never_gives_way() -> None:
    """Where all are, the newcomer is refused; an end makes room again."""
    house = House(room=2)
    entries = [house.let_in(name, "192.0.2.1") for name in ("one", "two")]
    for entry in entries:
        house.connections.work(entry)
    assert house.enter("three", "192.0.2.2") is None
    assert house.gone == []
    house.connections.leave(entries[0])
    assert house.enter("three", "192.0.2.2") is not None


@pytest.mark.parametrize(
    ("peers", "fits"),
    [
        (["192.0.2.1"] * 3, 2),
        (["192.0.2.1", "192.0.2.2", "192.0.2.3"], 3),
        (["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"], 2),
        (["2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1"], 3),
        (["::ffff:192.0.2.1", "192.0.2.1", "::ffff:c000:201"], 2),
        (["::ffff:192.0.2.1", "::ffff:192.0.2.2", "::ffff:192.0.2.3"], 3),
        (["10.0.0.9"] * 3, 3),
        (["::ffff:10.0.0.9"] * 3, 3),
    ],
    ids=["one", "three", "one /64", "three /64", "mapped and plain", "three mapped", "proxy", "mapped proxy"],
)
def test_a_network_has_so_many_connections_and_no_more(peers: list[str], fits: int) -> None:
    """IPv4 by address, however it is written, IPv6 by /64; what a trusted proxy opens is not counted against it."""
    house = House(max_connections_per_address=2, trusted_proxies=("10.0.0.9",))
    assert [house.enter("", peer) is not None for peer in peers].count(True) == fits


def test_a_crowded_network_makes_nobody_give_way() -> None:
    """Who may not come in for the number of their network throws out nobody of another one."""
    house = House(room=2, max_connections_per_address=1)
    house.let_in("one", "192.0.2.1")
    house.let_in("two", "192.0.2.2")
    assert house.enter("two more", "192.0.2.2") is None
    assert house.gone == []


def test_what_a_proxy_keeps_open_is_the_last_to_give_way() -> None:
    """It may send the next request at that moment; a stranger who waits less long goes before it."""
    house = House(room=2, trusted_proxies=("10.0.0.9",))
    house.let_in("proxy", "10.0.0.9")
    house.let_in("stranger", "192.0.2.1")
    proxied = house.let_in("proxy again", "10.0.0.9")
    assert house.gone == ["stranger"]
    house.connections.work(proxied)
    house.let_in("stranger again", "192.0.2.1")
    assert house.gone == ["stranger", "proxy"]


def test_whoever_has_left_is_not_counted_twice() -> None:
    """A connection that had to give way is forgotten at once, and hears of its end later."""
    house = House(room=1, max_connections_per_address=1)
    entry = house.let_in("one", "192.0.2.1")
    house.let_in("two", "192.0.2.2")
    house.connections.leave(entry)
    house.connections.wait(entry)
    assert len(house.connections) == 1
    assert not house.connections.hold(entry, 1)
    house.let_in("three", "192.0.2.1")
    assert house.gone == ["one", "two"]


def test_half_sent_bodies_are_bounded_and_the_greatest_holder_loses_its_oldest() -> None:
    """Honest bodies stay, though they began before: the network that holds most loses what is longest on its way."""
    house = House(max_body_memory=1_000, max_body=1_000)
    honest = house.let_in("honest", "192.0.2.1")
    assert house.connections.hold(honest, 100)
    slow = [house.let_in(f"slow {number}", "198.51.100.1") for number in range(4)]
    for entry in slow[:3]:
        assert house.connections.hold(entry, 300)
    assert house.connections.hold(slow[3], 300)
    assert house.gone == ["slow 0"]
    assert house.connections.hold(honest, 100)
    assert house.gone == ["slow 0", "slow 1"]


def test_a_body_that_is_answered_holds_nothing_any_more() -> None:
    """An answer, or the end of a connection, gives back what was held; a whole body is not taken from whoever works on it."""
    house = House(max_body_memory=1_000, max_body=1_000)
    one, two = house.let_in("one", "192.0.2.1"), house.let_in("two", "192.0.2.2")
    assert house.connections.hold(one, 900)
    house.connections.work(one)
    assert not house.connections.hold(two, 200)
    house.connections.release(one, one.held)
    assert house.connections.hold(two, 900)
    house.connections.leave(two)
    house.connections.wait(one)
    assert house.connections.hold(one, 1_000)
    assert house.gone == []


def test_descriptors_are_raised_as_far_as_the_system_lets_us() -> None:
    """From the soft limit to the hard one."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[1]), before[1]))
        found = raise_descriptors()
        assert found == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert found == min(before[1], connections._MOST_DESCRIPTORS)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(("descriptors", "room"), [(1_024, 896), (100, 16), (20_000, 4_096)])
def test_no_more_connections_are_taken_than_there_are_descriptors(descriptors: int, room: int) -> None:
    """Some are kept for the database, the log and functions; plenty of descriptors make no more than the setting says."""
    assert room_for(Settings(), descriptors=descriptors) == room


def test_each_connection_to_the_database_wants_a_descriptor() -> None:
    """Three hundred of them leave so many fewer for clients."""
    many = Settings(database_read_connections=200, database_write_connections=100)
    assert room_for(many, descriptors=1_024) == 616
