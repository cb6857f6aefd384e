"""How many passwords may be tried? The curve of the lock, to the millisecond, and every way around it."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from api.choosing import ALLOWED
from api.signing_in import (
    INCORRECT,
    LOCKED,
    SOME_A,
    at_once,
    begin,
    error_of,
    failures,
    guess,
    lock,
    srp_guess,
    srp_sign_in,
)
from api.world import PASSWORD, World, refused, running, settings_for
from poolkeeper.clock import MINUTE, SECOND

WRONG = "Wrong-password-0"
# After the n-th wrong proof the lock holds for so many seconds (userpools.md 7.3): 2^(n-5), at most 15 minutes.
CURVE = [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_the_lock_follows_the_curve_to_the_millisecond(world: World, name: str) -> None:
    """Locked until the last millisecond, for the right password too; attempts meanwhile neither count nor cost a hash."""
    client = world.pool().client()
    client.pool.user("ada")

    for count, seconds in enumerate(CURVE, start=1):
        assert refused(partial(client.sign_in, name, WRONG)) == INCORRECT
        assert failures(client.pool) == [(count, seconds * SECOND)]
        if seconds:
            world.clock.advance(seconds * SECOND - 1)
            hashes = world.hashes()
            for password in (WRONG, PASSWORD):
                assert refused(partial(client.sign_in, name, password)) == LOCKED
            assert world.hashes() == hashes
            assert failures(client.pool) == [(count, seconds * SECOND)]
            world.clock.advance(1)


def test_the_right_password_after_the_lock_begins_the_count_anew(world: World) -> None:
    """Who signs in has all five attempts again."""
    client = world.pool().client()
    client.pool.user("ada")
    lock(client, "ada")
    world.clock.advance(SECOND)

    assert client.tokens("ada")
    assert failures(client.pool) == []
    lock(client, "ada")
    assert failures(client.pool) == [(5, SECOND)]


def test_a_quarter_of_an_hour_without_attempts_begins_the_count_anew(world: World) -> None:
    """After fifteen minutes the next wrong one is the first; a millisecond earlier it is the next."""
    client = world.pool().client()
    client.pool.user("ada")
    client.pool.user("bob")
    for name in ("ada", "bob"):
        for _ in range(4):
            refused(partial(client.sign_in, name, WRONG))

    world.clock.advance(15 * MINUTE)
    refused(lambda: client.sign_in("ada", WRONG))
    world.clock.advance(1)
    refused(lambda: client.sign_in("bob", WRONG))
    assert failures(client.pool) == [(1, 0), (5, SECOND)]


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH"])
def test_while_the_lock_holds_no_function_is_asked(world: World, monkeypatch: pytest.MonkeyPatch, flow: str) -> None:
    """The lock comes first (userpools.md 3.1): strangers do not make a pool's PreAuthentication run."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:before"
    names = ("PreAuthentication", "DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
    client = world.pool(LambdaConfig=dict.fromkeys(names, arn)).client(ExplicitAuthFlows=ALLOWED)
    client.pool.user("ada")
    asked: list[str] = []

    async def invoke(_arn: str, event: Any, *, pool_id: str) -> Any:
        asked.append(event["triggerSource"])
        return event

    monkeypatch.setattr(world.house.functions, "invoke", invoke)
    client.tokens("ada")
    assert asked == ["PreAuthentication_Authentication"]
    given = {"PASSWORD": PASSWORD, "SRP_A": SOME_A}
    lock(client, "ada")
    asked.clear()
    assert refused(partial(client.initiate, flow, USERNAME="ada", **given)) == LOCKED
    assert asked == []


def test_a_locked_user_locks_nobody_else(world: World) -> None:
    """Another user from the same address, and the same name in another pool, sign in as ever."""
    client, elsewhere = world.pool().client(), world.pool().client()
    for pool in (client.pool, elsewhere.pool):
        pool.user("ada")
        pool.user("bob")
    lock(client, "ada")

    assert refused(lambda: client.sign_in("ada")) == LOCKED
    assert client.tokens("bob")
    assert elsewhere.tokens("ada")


def test_every_flow_and_every_spelling_counts_towards_one_lock(world: World) -> None:
    """By name, in capitals, by e-mail, by phone, by sub, by SRP and as an administrator: five in all."""
    pool = world.pool(AliasAttributes=["email", "phone_number"], UsernameConfiguration={"CaseSensitive": False})
    client = pool.client()
    sub = pool.user(
        "ada", email="ada@x.example", email_verified="true", phone_number="+15550100", phone_number_verified="true"
    )
    guesses = [
        partial(client.sign_in, "ada", WRONG),
        partial(client.sign_in, "Ada@X.example", WRONG),
        partial(begin, client, "ADMIN_USER_PASSWORD_AUTH", admin=True, USERNAME="+15550100", PASSWORD=WRONG),
        partial(srp_guess, client, "ADA"),
        partial(client.sign_in, sub, WRONG),
    ]

    for count, wrong in enumerate(guesses, start=1):
        assert refused(wrong) == INCORRECT
        assert failures(pool) == [(count, SECOND if count == 5 else 0)]
    for spelling in ("ada", "ADA", "ada@x.example", "+15550100", sub):
        assert refused(partial(client.sign_in, spelling)) == LOCKED
    assert refused(lambda: srp_sign_in(client, "ada")) == LOCKED
    for flow in ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"):
        assert refused(partial(begin, client, flow, admin=True, USERNAME="ada", PASSWORD=PASSWORD)) == LOCKED


def test_wrong_passwords_with_another_client_count_alike(world: World) -> None:
    """The lock is the user's, not the client's."""
    pool = world.pool()
    clients = [pool.client() for _ in range(5)]
    pool.user("ada")
    for client in clients:
        assert refused(partial(client.sign_in, "ada", WRONG)) == INCORRECT
    assert refused(lambda: clients[0].sign_in("ada")) == LOCKED


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_of_fifty_guesses_at_once_five_are_looked_at(world: World, name: str) -> None:
    """Guesses in parallel are no way past the lock: five hashes, five failures, 45 refusals without either."""
    client = world.pool().client()
    client.pool.user("ada")
    hashes = world.hashes()

    answers = at_once([partial(guess, client, name, f"{WRONG}{n}") for n in range(50)])
    assert Counter(map(error_of, answers)) == {INCORRECT: 5, LOCKED: 45}
    assert world.hashes() - hashes == 5
    assert failures(client.pool) == [(5, SECOND)]


def test_guesses_at_once_by_all_spellings_are_looked_at_five_times(world: World) -> None:
    """Nor are the different names of one user."""
    pool = world.pool(AliasAttributes=["email"])
    client = pool.client()
    sub = pool.user("ada", email="ada@x.example", email_verified="true")
    names = ("ada", "ada@x.example", sub)

    answers = at_once([partial(guess, client, names[n % 3], WRONG) for n in range(30)])
    assert Counter(map(error_of, answers)) == {INCORRECT: 5, LOCKED: 25}
    assert failures(pool) == [(5, SECOND)]


def test_of_twenty_right_passwords_at_once_all_sign_in(world: World) -> None:
    """The order that guesses are forced into refuses nobody who knows the password."""
    client = world.pool().client()
    client.pool.user("ada")
    for _ in range(4):
        refused(lambda: client.sign_in("ada", WRONG))

    answers = at_once([partial(guess, client, "ada", PASSWORD)] * 20)
    assert [status for status, _, _ in answers] == [200] * 20
    assert failures(client.pool) == []


def test_two_processes_look_at_few_more_guesses_than_one(world: World) -> None:
    """Each process examines one guess of a user at a time, so W processes look at 4 + W at the most."""
    if world.engine != "postgresql":
        pytest.skip("one process serves SQLite")
    client = world.pool().client()
    client.pool.user("ada")
    own = world.house.settings
    with running(
        settings_for(own.data, database=own.database), engine=world.engine, started_at=world.clock.now()
    ) as other:
        before = world.hashes() + other.hashes()
        answers = at_once([partial(guess, client, "ada", WRONG, at=at) for at in (world, other) * 20])
        looked_at = world.hashes() + other.hashes() - before

    counted = Counter(map(error_of, answers))
    assert counted.keys() == {INCORRECT, LOCKED}
    assert 5 <= counted[INCORRECT] <= 6
    assert looked_at == counted[INCORRECT]
    assert refused(lambda: client.sign_in("ada")) == LOCKED
