"""What becomes of a change that was overtaken? Whoever comes second runs again, on what is there by then, and nothing is lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from api.test_flow_doors import call_of
from api.world import World
from poolkeeper.accounts import first_proof, names, passwords, status
from poolkeeper.accounts.account_changes import USER, Watch
from poolkeeper.call import Call
from poolkeeper.defences import budgets
from poolkeeper.errors import LimitExceededException
from poolkeeper.lookup import require_pool_and_subject
from poolkeeper.model.message import Message
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, RESET_REQUIRED, Credential, User
from poolkeeper.store import attempts
from poolkeeper.store.db import Reader, Row, Transaction

Write = Callable[[Transaction, Call, Pool, User], Awaitable[object]]
Count = Callable[[Transaction, Call, Pool], Awaitable[bool]]
MOST = 3


async def _password(tx: Transaction, call: Call, pool: Pool, user: User) -> None:
    credential = Credential(password_hash="h", srp_salt=None, srp_verifier=None, set_at=call.now)
    await passwords.store(tx, pool, user, credential, status=CONFIRMED, now=call.now)


async def _owner(tx: Transaction, call: Call, pool: Pool, user: User) -> None:
    watch = Watch(call, pool, user.sub, by=USER)
    await first_proof.take_over(tx, pool, user, "email", watch=watch, now=call.now)


WRITES: Mapping[str, Write] = {
    "attributes": lambda tx, call, pool, user: names.write(tx, pool, user, {"nickname": "N"}, now=call.now),
    "a password": _password,
    "a status": lambda tx, call, pool, user: status.move(tx, user, to=RESET_REQUIRED, now=call.now),
    "the first proof of an address": _owner,
}


@pytest.mark.parametrize("written", WRITES)
def test_what_is_written_of_a_user_who_has_changed_is_written_anew(world: World, written: str) -> None:
    """By one that was read before: once it is a reason to run again, then it stands."""
    pool_of_tests = world.pool()
    pool_of_tests.user("ada", email="ada@x.example")
    ran = list[User]()

    async def story() -> User:
        call = call_of(world)
        pool, subject = await require_pool_and_subject(call, pool_of_tests.pool_id, "ada")
        assert subject.user is not None
        of_before = replace(subject.user, version=subject.user.version - 1)

        async def body(tx: Transaction) -> None:
            ran.append(await names.fresh(tx, pool, of_before.sub) if ran else of_before)
            await WRITES[written](tx, call, pool, ran[-1])

        await world.house.db.write(body)
        user = (await require_pool_and_subject(call, pool.pool_id, "ada"))[1].user
        assert user is not None
        return user

    assert world.run(story).version > ran[-1].version
    assert len(ran) == 2


COUNTS: Mapping[str, Count] = {
    "notices to a user": lambda tx, call, pool: budgets.take_notice(
        tx, pool_id=pool.pool_id, user_id="ada", now=call.now
    ),
    "text messages of a pool": lambda tx, call, pool: budgets.spend(
        tx, call, pool, _text_to_anybody(call, pool), proved=True, asked_for=False
    ),
}


def _text_to_anybody(call: Call, pool: Pool) -> Message:
    number = f"+1555{call.entropy.below(10**7):07}"
    return Message(to=number, medium="SMS", kind="SignUp", body="", pool_id=pool.pool_id, username="ada")


@pytest.mark.parametrize("counted", COUNTS)
def test_no_count_is_lost_to_another_one(world: World, monkeypatch: pytest.MonkeyPatch, counted: str) -> None:
    """Each finds by then what it did not see when it looked: so many go out, and none beyond."""
    pool_id, hourly, looked = world.pool().pool_id, attempts.hourly, list[int]()
    known = replace(world.house.settings, sms_per_pool_per_hour=MOST)
    monkeypatch.setattr(type(world.house), "settings", known)
    monkeypatch.setattr(budgets, "_NOTICES", MOST)

    async def of_before(reader: Reader, **place: Any) -> Row | None:
        looked.append(len(looked))
        return None if len(looked) == 1 else await hourly(reader, **place)

    async def one_more() -> bool:
        looked.clear()
        call = call_of(world)
        pool, _ = await require_pool_and_subject(call, pool_id, "ada")
        return await world.house.db.write(lambda tx: COUNTS[counted](tx, call, pool))

    def goes_out() -> bool:
        try:
            return world.run(one_more)
        except LimitExceededException:
            return False

    monkeypatch.setattr(attempts, "hourly", of_before)
    assert [goes_out() for _ in range(MOST + 2)] == [True] * MOST + [False] * 2
