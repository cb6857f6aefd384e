"""What becomes of a change that was overtaken? Whoever comes second runs again, on what is there by then, and nothing is lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from api.doors import call_of
from api.world import World
from poolkeeper.accounts import first_proof, names, passwords, status
from poolkeeper.accounts.account_changes import USER, Watch
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool_and_subject
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, RESET_REQUIRED, Credential, User
from poolkeeper.store.db import Transaction

Write = Callable[[Transaction, Call, Pool, User], Awaitable[object]]


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
