"""What goes on while a sender of messages does not? Every other one; and what waits for it goes out once (attacks.md F11).

What is looked at is the order and the number of deliveries, never their time.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

import postgres_server
from api.listing import eventually
from api.posting import NOT_TRIED, WAITING, by_smtp, into, message_to, post, sending
from api.world import World
from messaging.postbox import Postbox, served
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.jobs.counts import Counts, Fate
from poolkeeper.jobs.lanes import PLACES, Lanes
from poolkeeper.jobs.messages import Messages
from poolkeeper.messaging import custom_sender
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.model.event import Event
from poolkeeper.model.message import Handover, Message
from ports import free_port
from waiting import wait_for

DEAD, LIVE = "us-east-1_Dead00000", "us-east-1_Live00000"
FLOOD = 3 * PLACES


class Sender:
    """Takes what it is given, once its gate is open; `failing` is what it says before."""

    def __init__(self, failing: DeliveryFailed | None = None) -> None:
        self.gate = asyncio.Event()
        self.failing = failing
        self.begun: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.moved = threading.Semaphore(0)

    async def send(self, message: Message, *, message_id: str) -> None:
        """Hang, or fail, until the gate is open."""
        self.begun[message.to] += 1
        self.moved.release()
        if not self.gate.is_set():
            if self.failing is not None:
                raise self.failing
            await self.gate.wait()
        self.sent[message.to] += 1


@pytest.fixture(params=["sqlite", "postgresql"])
def two_senders(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Run a server with a sender of its own for each of two pools, on each engine."""
    database = ""
    if request.param == "postgresql":
        postgres: postgres_server.PostgresServer = request.getfixturevalue("postgres")
        database = postgres.create_database()
    senders = [by_smtp(1, name, pools=(pool,)) for name, pool in (("dead", DEAD), ("live", LIVE))]
    with sending(tmp_path / "data", *senders, database=database) as world:
        yield world


@contextmanager
def replaced(world: World, dead: Sender) -> Iterator[Sender]:
    """Put senders of the test in the place of those of the settings; hand out the live one. At the end nothing hangs."""
    live = Sender()
    world.loop.call_soon_threadsafe(live.gate.set)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(world.app.worker._messages, "_senders", {"dead": dead, "live": live})
        try:
            yield live
        finally:
            world.loop.call_soon_threadsafe(dead.gate.set)


def test_a_sender_that_hangs_delays_no_other_and_loses_nothing(two_senders: World) -> None:
    """However many wait for it: others are sent while it hangs, it is asked no more than it has places, each arrives once."""
    world, dead = two_senders, Sender()
    with replaced(world, dead) as live:
        flood = [message_to(DEAD, f"{place}@dead.example") for place in range(FLOOD)]
        post(world, *flood)
        for _ in range(PLACES):
            assert dead.moved.acquire(timeout=30)
        wait_for(lambda: not world.rows(f"{WAITING} AND due_at <= $1 AND lease_until = 0", world.clock.now()))

        others = [message_to(LIVE, f"{place}@live.example") for place in range(FLOOD)]
        post(world, *others)
        wait_for(lambda: live.sent.total() == FLOOD)
        assert dead.sent.total() == 0
        assert dead.begun.total() <= 2 * PLACES
        assert len(world.rows(f"{NOT_TRIED} AND pool_id = $1", DEAD)) == FLOOD

        world.loop.call_soon_threadsafe(dead.gate.set)
        wait_for(lambda: dead.sent.total() >= PLACES)
        eventually(world, f"{WAITING} AND lease_until > 0")
        world.clock.advance(11 * MINUTE)
        eventually(world, WAITING)
        assert set(dead.sent.values()) == {1}
        assert len(dead.sent) == FLOOD
        assert set(live.sent.values()) == {1}


def test_a_sender_that_refuses_everything_delays_no_other(two_senders: World) -> None:
    """Its messages are tried again, later each time, for as long as somebody may mend it."""
    world = two_senders
    dead = Sender(DeliveryFailed("connection refused", permanent=False))
    with replaced(world, dead) as live:
        post(
            world,
            *(message_to(DEAD, f"{place}@dead.example") for place in range(9)),
            message_to(LIVE, "a@live.example"),
        )
        eventually(world, NOT_TRIED)
        assert live.sent == {"a@live.example": 1}
        assert len(world.rows(WAITING)) == 9

        world.loop.call_soon_threadsafe(dead.gate.set)
        world.clock.advance(MINUTE)
        eventually(world, WAITING)
        assert set(dead.sent.values()) == {1}
        assert set(dead.begun.values()) == {2}


def test_what_became_of_each_message_is_counted_and_told(two_senders: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By sender and outcome; an operator hears by an event of what nobody will get, once."""
    world = two_senders
    counted: Counter[tuple[str, Fate]] = Counter()
    told: list[Event] = []
    dead = Sender(DeliveryFailed("connection refused", permanent=False))
    with replaced(world, dead):
        messages: Messages = world.app.worker._messages
        monkeypatch.setattr(messages, "_counts", Counts(sent=lambda name, fate: counted.update([(name, fate)])))
        monkeypatch.setattr(messages, "_tell", lambda event, _request_id: told.append(event))
        soon = world.clock.now() + SECOND
        post(world, message_to(DEAD, "ada@dead.example"), message_to(DEAD, "eve@dead.example", valid_until=soon))
        post(world, message_to(LIVE, "ada@live.example"), message_to("us-east-1_Nobody000", "ada@nobody.example"))
        eventually(world, NOT_TRIED)
        assert counted == {("dead", Fate.FAILED): 2, ("live", Fate.DELIVERED): 1, ("none", Fate.FAILED): 1}

        for tries in range(2, 10):
            world.clock.advance(25 * HOUR)
            eventually(world, f"{WAITING} AND attempts < $1", min(tries, 8))
        eventually(world, WAITING)
        assert counted["dead", Fate.EXPIRED] == 1
        assert (counted["dead", Fate.FAILED], counted["dead", Fate.GIVEN_UP]) == (9, 1)
        assert sorted(event.about["sender"] + " " + event.about["fate"] for event in told) == [
            "dead expired",
            "dead given_up",
            "none given_up",
        ]
        assert all(event.about["message"] == "SignUp" for event in told)


def test_a_mail_server_that_comes_back_is_sent_each_mail_once(tmp_path: Path) -> None:
    """A real one: nobody listens, then it bounces one recipient for good and one for now, then it takes the rest."""
    port = free_port()
    with sending(tmp_path / "data", by_smtp(port)) as world:
        post(world, *(message_to(DEAD, f"{name}@x.example") for name in ("ada", "bob", "eve")))
        eventually(world, NOT_TRIED)
        assert len(world.rows(WAITING)) == 3

        bouncing = Postbox(refused={"eve@x.example": "550 5.1.1 no such user", "bob@x.example": "450 4.2.1 later"})
        with served(bouncing, port=port):
            world.clock.advance(MINUTE)
            eventually(world, f"{WAITING} AND attempts < 2")
        assert [envelope.rcpt_tos for envelope in bouncing.envelopes] == [["ada@x.example"]]
        assert len(world.rows(WAITING)) == 1

        back = Postbox()
        with served(back, port=port):
            world.clock.advance(HOUR)
            eventually(world, WAITING)
        assert [envelope.rcpt_tos for envelope in back.envelopes] == [["bob@x.example"]]


def test_a_folder_that_comes_back_is_written_to(tmp_path: Path) -> None:
    """The same of a sender without a network."""
    spool = into(tmp_path, "spool")
    (tmp_path / "spool").rmdir()
    with sending(tmp_path / "data", spool) as world:
        post(world, message_to(DEAD, "ada@x.example"))
        eventually(world, NOT_TRIED)
        (tmp_path / "spool").mkdir()
        world.clock.advance(MINUTE)
        eventually(world, WAITING)
    assert len(list((tmp_path / "spool").iterdir())) == 1


def test_what_waits_for_a_function_that_hangs_comes_back_one_by_one(
    two_senders: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, every five seconds, it was before everybody else's messages: of enough of it nobody else's went out."""
    world, gate = two_senders, asyncio.Event()

    async def hang(*_: object) -> bool:
        return await gate.wait()

    monkeypatch.setattr(custom_sender, "deliver", hang)
    handover = Handover(username="ada", attributes={}, client_id=None, metadata={})
    try:
        flood = [message_to(DEAD, f"{place}@dead.example") for place in range(FLOOD)]
        post(world, *(msgspec.structs.replace(one, handover=handover) for one in flood))
        wait_for(lambda: not world.rows(f"{WAITING} AND due_at <= $1 AND lease_until = 0", world.clock.now()))
        under_way = len(world.rows(f"{WAITING} AND lease_until > 0"))
        times = {row[0] for row in world.rows("SELECT due_at FROM due WHERE kind = 'message' AND lease_until = 0")}
        assert len(times) == FLOOD - under_way
        assert max(times) <= world.clock.now() + MINUTE
        assert len(world.rows(NOT_TRIED)) == FLOOD
    finally:
        world.loop.call_soon_threadsafe(gate.set)

    def is_through() -> bool:
        world.clock.advance(MINUTE)
        return not world.rows(WAITING)

    wait_for(is_through)


def test_a_line_is_spread_over_a_minute() -> None:
    """However long it is: as many come back in one part of it as in another."""
    lanes = Lanes()
    waits = [lanes.turn("us-east-1_Dead00000") for _ in range(55_000)]
    seconds = Counter(wait // SECOND for wait in waits)
    assert set(seconds) == set(range(5, 60))
    assert set(seconds.values()) == {1_000}


def test_a_long_line_comes_back_one_by_one() -> None:
    """What finds no place is put off the longer the more there is of it, up to ten minutes; then the lane is quick again."""
    lanes = Lanes()
    for _ in range(PLACES):
        assert lanes.has_place("dead")
        lanes.enter("dead")
    assert lanes.is_slow("dead")
    assert not lanes.has_place("dead")
    assert not lanes.is_slow("live")
    waits = [lanes.wait("dead") for _ in range(100_000)]
    assert waits == sorted(waits)
    assert (waits[0] >= 5 * SECOND, waits[-1]) == (True, 10 * MINUTE)
    assert len(set(waits)) > 20_000
    for _ in range(PLACES):
        lanes.leave("dead")
    assert not lanes.is_slow("dead")
    lanes.enter("")
    assert not lanes.is_slow("")
