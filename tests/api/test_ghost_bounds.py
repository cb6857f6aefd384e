"""How much does a pool keep for names that nobody has? So much, whoever makes them up; and of devices that never were nothing."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import postgres_server
from api.choosing import ALLOWED
from api.devices import NO_DEVICE, confirm, tracked
from api.ghost_tables import TABLES
from api.pools_code import TRIGGERS, Code, ask, running_code
from api.world import ClientOfTests, World, refused, running, settings_for
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.store import ghosts

CHALLENGES = {name: arn for name, arn in TRIGGERS.items() if name != "PreAuthentication"}


def asked_for(client: ClientOfTests, name: str) -> None:
    """Ask for codes for a name, and give a wrong password and a wrong code."""
    world, place = client.world, {"ClientId": client.client_id, "Username": name}
    world.clock.advance(SECOND)
    assert world.call("ResendConfirmationCode", place)[0] == 200
    assert world.call("ForgotPassword", place)[0] == 200
    wrong = {"ConfirmationCode": "not-it", "Password": "Wrong-password-0"}
    assert world.call("ConfirmForgotPassword", {**place, **wrong})[0] == 400
    assert refused(lambda: client.sign_in(name, "Wrong-password-0"))[0] == "NotAuthorizedException"


def rows(client: ClientOfTests, table: str) -> list[tuple[Any, ...]]:
    """Return (whose, when it ends) of the rows of a table, those that end last first."""
    sql = f"SELECT subject_id, expires_at FROM {table} WHERE pool_id = $1 ORDER BY expires_at DESC, subject_id DESC"
    return client.world.rows(sql, client.pool.pool_id)


def evict(client: ClientOfTests, most: int) -> int:
    return client.world.run(partial(ghosts.evict, client.world.house.db, client.pool.pool_id, most=most))


def test_the_oldest_of_what_nobody_left_goes(world: World) -> None:
    """Of every kind so much stays, and all of what is a user's."""
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=CHALLENGES)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    sub = pool.user("ada", email="ada@x.example", email_verified="true")
    asked_for(client, "ada")
    with pytest.MonkeyPatch.context() as patched, running_code(world, patched, Code()):
        for number in range(6):
            asked_for(client, f"nobody-{number}")
            ask(client, f"nobody-{number}")
    before = {table: rows(client, table) for table in TABLES}

    assert evict(client, 5) > 0
    for table in TABLES:
        kept = rows(client, table)
        nobodys = [row for row in before[table] if row[0] != sub]
        assert [row for row in kept if row not in nobodys] == [row for row in before[table] if row not in nobodys]
        assert [row for row in kept if row in nobodys] == nobodys[:5], table
    assert evict(client, 5) == 0


def test_a_walk_ends_however_many_rows_end_at_once(world: World) -> None:
    """More than a batch of the same moment, users' among them: as many of nobody's stay as were to stay."""
    client = world.pool().client()
    users = [client.pool.user(f"user-{number}") for number in range(3)]
    ends = world.clock.now() + HOUR
    insert = "INSERT INTO lockouts VALUES ($1, $2, '', 1, 1, 0, $3)"

    async def fill(tx: Any) -> None:
        for subject in [*users, *(str(uuid.uuid4()) for _ in range(2 * ghosts.BATCH + 100))]:
            await tx.execute(insert, client.pool.pool_id, subject, ends)

    world.run(lambda: world.house.db.write(fill))
    assert evict(client, ghosts.BATCH + 7) == ghosts.BATCH + 93
    left = {subject for subject, _ in rows(client, "lockouts")}
    assert len(left) == ghosts.BATCH + 7 + len(users)
    assert left.issuperset(users)


@contextmanager
def bounded(world: World, folder: Path, server: Callable[[], postgres_server.PostgresServer]) -> Iterator[World]:
    """Run a server of its own that keeps eight of each."""
    database = server().create_database() if world.engine == "postgresql" else ""
    settings = settings_for(folder, database=database, ghosts_per_pool=8)
    with running(settings, engine=world.engine, started_at=world.clock.now()) as made:
        yield made


def test_a_flood_of_names_leaves_no_more_than_the_setting_says(
    world: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The worker looks after it by itself, whatever ends when; who was asked for last is remembered."""
    with bounded(world, tmp_path, lambda: request.getfixturevalue("postgres")) as server:
        client = server.pool(AutoVerifiedAttributes=["email"]).client()
        for number in range(40):
            asked_for(client, f"nobody-{number}")
        deadline = time.monotonic() + 20
        # Each name leaves two codes and three counts, and a quarter of the setting may come before it is looked after.
        while max(len(rows(client, table)) for table in TABLES) > 8 + 3 * 2:
            assert time.monotonic() < deadline, {table: len(rows(client, table)) for table in TABLES}
            time.sleep(0.1)
        place = {"ClientId": client.client_id, "Username": "nobody-39"}
        told = [server.call("ResendConfirmationCode", place)[1].get("__type", "") for _ in range(5)]
        assert told == ["", "", "", "", "LimitExceededException"]


def test_a_device_that_never_was_is_not_kept_as_forgotten(world: World) -> None:
    """Keys that somebody makes up are answered as unknown, and nothing is written of them."""
    client = tracked(world).client()
    client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    for _ in range(3):
        key = f"us-east-1_{uuid.uuid4()}"
        assert refused(partial(world.unsigned.forget_device, AccessToken=token, DeviceKey=key)) == NO_DEVICE
        by_admin = partial(client.pool.admin, "admin_forget_device", "ada", DeviceKey=key)
        assert refused(by_admin) == NO_DEVICE
    assert world.rows("SELECT device_key FROM used_device_keys WHERE pool_id = $1", client.pool.pool_id) == []


def test_the_key_of_the_own_session_is_used_up_before_it_is_confirmed(world: World) -> None:
    """Who forgets the device of this very sign-in wants it confirmed by nobody later, with the same token."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    key = tokens["NewDeviceMetadata"]["DeviceKey"]
    forget = partial(world.unsigned.forget_device, AccessToken=tokens["AccessToken"], DeviceKey=key)
    assert refused(forget) == NO_DEVICE
    assert refused(partial(confirm, world, tokens))[0] == "DeviceKeyExistsException"
