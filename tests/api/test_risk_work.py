"""Does the work tell which passwords are right where risk keeps everybody out? Hashes and statements are counted (attacks.md 10).

The measurement itself is `make timing`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import asyncpg
import pytest

from api.quiet import round_trips, worker_at_rest
from api.signing_in import srp_sign_in
from api.watched import act, judging, watched, with_ada
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.accounts import auth_events
from poolkeeper.risk.judge import Level

KEPT_OUT = ("NotAuthorizedException", "Unable to login because of security reasons.")
WHO = {"right": ("ada", PASSWORD), "wrong": ("ada", "another"), "unknown": ("nobody", "another")}


@contextmanager
def statements(patched: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Hand out the statements that PostgreSQL is sent, in order."""
    sent: list[str] = []
    with patched.context() as inner:
        for name in ("fetch", "execute"):
            send = getattr(asyncpg.Connection, name)

            async def spy(self: Any, sql: str, *args: Any, _send: Any = send) -> Any:
                sent.append(" ".join(sql.split()))
                return await _send(self, sql, *args)

            inner.setattr(asyncpg.Connection, name, spy)
        yield sent


def by_password(client: ClientOfTests, name: str, password: str) -> tuple[str, str]:
    return refused(partial(client.sign_in, name, password))


def by_srp(client: ClientOfTests, name: str, password: str) -> tuple[str, str]:
    return refused(partial(srp_sign_in, client, name, password))


@pytest.mark.parametrize("sign_in", [by_password, by_srp])
@pytest.mark.parametrize("notify", [False, True], ids=["untold", "told by mail"])
def test_right_wrong_and_unknown_take_the_same_work(
    world: World, monkeypatch: pytest.MonkeyPatch, *, notify: bool, sign_in: Any
) -> None:
    """As many hashes and round trips, and the same statements in the same order; also where the user is told of it."""
    if world.engine == "sqlite":
        pytest.skip("PostgreSQL's driver alone counts")
    pool = watched(world)
    client = with_ada(pool, email="ada@x.example", email_verified="true")
    act(pool, notify=notify, High="BLOCK")
    monkeypatch.setattr(
        auth_events, "_LOOKS", "never"
    )  # now and then the worker looks behind one who is there, in its own time
    work = {}
    with judging(world, Level.HIGH), worker_at_rest(world):
        for who in WHO.values():  # what a name is looked up by is warm from here on
            sign_in(client, *who)
        for kind, who in WHO.items():
            hashes, trips = world.hashes(), round_trips(world)
            with statements(monkeypatch) as sent:
                assert sign_in(client, *who) == KEPT_OUT
            work[kind] = (world.hashes() - hashes, round_trips(world) - trips, sent)
    assert work["right"] == work["wrong"] == work["unknown"]
    assert len(work["right"][2]) > 3
