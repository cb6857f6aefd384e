"""Does a sign-in slip past a change of its user that is not committed yet? The change ends the sessions that it finds."""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import asyncpg
import pytest
from botocore.exceptions import ClientError

from api.quiet import worker_at_rest
from api.world import PASSWORD, ClientOfTests, World

WAITING = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted"
Change = Callable[[ClientOfTests], object]


def deleted(client: ClientOfTests) -> object:
    return client.pool.admin("admin_delete_user", "ada")


def another_password(client: ClientOfTests) -> object:
    return client.pool.admin("admin_set_user_password", "ada", Password=f"{PASSWORD}-2", Permanent=True)


def disabled(client: ClientOfTests) -> object:
    return client.pool.admin("admin_disable_user", "ada")


@pytest.mark.parametrize("change", [another_password, disabled, deleted])
def test_a_sign_in_waits_for_a_change_of_its_user(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """Attacks 25, 32: the change is held at its COMMIT while the old password signs in; no session is left by it."""
    if world.engine == "sqlite":
        pytest.skip("SQLite has one writer: nothing is written while a change is not committed")
    client = world.pool().client()
    client.pool.user("ada")
    at_commit, go_on = threading.Event(), threading.Event()
    changing = threading.Thread(target=partial(change, client))
    with worker_at_rest(world):
        hold_next_commit(world, monkeypatch, at_commit, go_on)
        changing.start()
        assert at_commit.wait(20)
    answers: list[dict[str, Any]] = []
    signing_in = threading.Thread(target=partial(sign_in, client, answers))
    signing_in.start()
    until_it_waits(world, signing_in)
    go_on.set()
    changing.join(20)
    signing_in.join(20)

    assert answers == []
    live = "SELECT session_id FROM sessions WHERE pool_id = $1 AND revoked_at IS NULL"
    assert world.rows(live, client.pool.pool_id) == []


def hold_next_commit(
    world: World, monkeypatch: pytest.MonkeyPatch, at_commit: threading.Event, go_on: threading.Event
) -> None:
    """Hold the next transaction of the server's at its COMMIT."""
    database = world.house.db
    send = type(database)._send_commit  # type: ignore[attr-defined]  # PostgreSQL's alone

    async def held(self: Any, connection: asyncpg.Connection) -> str:
        if not at_commit.is_set():
            at_commit.set()
            await asyncio.to_thread(go_on.wait, 20)
        return str(await send(self, connection))

    monkeypatch.setattr(type(database), "_send_commit", held)


def sign_in(client: ClientOfTests, answers: list[dict[str, Any]]) -> None:
    try:
        answers.append(client.tokens("ada"))
    except ClientError:
        return


def until_it_waits(world: World, signing_in: threading.Thread) -> None:
    """Return when the sign-in waits for a lock in the database, or has ended."""
    ends = time.monotonic() + 20
    while signing_in.is_alive() and world.rows(WAITING) == [(0,)]:
        assert time.monotonic() < ends
        time.sleep(0.01)
