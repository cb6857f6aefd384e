"""For whom is costly work done? Each door says it, so that a crowd of strangers is one line and the known have places."""

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from api import devices
from api.signing_in import error_of, guess, password_body, srp_sign_in
from api.world import KEY_ID, PASSWORD, ClientOfTests, World, refused
from poolkeeper.call import Call, Caller
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.heavy import Asker, HeavyPool
from poolkeeper.tokens import keys
from wire.wire_client import SIGNED_BY

STRANGER = Asker("network 127.0.0.1", wide="127.0.0.1")
ADMINISTRATOR = Asker(f"key {KEY_ID}", known=True)
ANOTHER = "Dive-in-3-lakes"


@contextmanager
def asked(world: World) -> Iterator[list[Asker]]:
    """Yield a list which grows by everybody for whom costly work is done meanwhile."""
    askers: list[Asker] = []
    run = HeavyPool.run

    async def seen(pool: HeavyPool, asker: Asker, *work: Any, **more: Any) -> Any:
        askers.append(asker)
        return await run(pool, asker, *work, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(HeavyPool, "run", seen)
        yield askers


def test_strangers_stand_in_the_line_of_their_network(world: World) -> None:
    """Signing in by password and by SRP, signing up and choosing a new password by a code."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    code = world.code("ada@x.example")
    reset = {"ClientId": client.client_id, "Username": "ada", "ConfirmationCode": code, "Password": ANOTHER}

    doors: dict[str, Callable[[], Any]] = {
        "password": lambda: client.tokens("ada"),
        "SRP": lambda: srp_sign_in(client, "ada"),
        "nobody": lambda: guess(client, "nobody", PASSWORD),
        "SignUp": lambda: client.sign_up("eve", email="eve@x.example"),
        "ConfirmForgotPassword": lambda: world.unsigned.confirm_forgot_password(**reset),
    }
    for door, knock in doors.items():
        with asked(world) as askers:
            knock()
        assert askers, door
        assert set(askers) == {STRANGER}, door


def test_whoever_brings_a_valid_token_has_a_line_of_their_own(world: World) -> None:
    """ChangePassword looks at the password and makes another: both are for the user."""
    client = world.pool().client()
    sub = client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    with asked(world) as askers:
        world.unsigned.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=ANOTHER)
    assert set(askers) == {Asker(f"user {sub}", known=True)}


def test_a_remembered_device_stands_in_its_users_line(world: World) -> None:
    """Named with the password and with its own proof; a device that nobody remembers makes nobody known."""
    client = devices.tracked(world).client()
    sub = client.pool.user("ada")
    device = devices.new_device(client, "ada")
    with asked(world) as askers:
        devices.sign_in(client, "ada", device)
    assert set(askers) == {Asker(f"user {sub}", known=True)}
    assert len(askers) >= 2

    made_up = device.key[:-1] + ("0" if device.key[-1] != "0" else "1")
    with asked(world) as askers:
        assert refused(lambda: client.sign_in("ada", DEVICE_KEY=made_up)) == devices.NO_DEVICE
    assert set(askers) == {STRANGER}


def test_a_signature_stands_in_the_line_of_its_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What administrators do, the keys of a pool that are not in stock included."""
    pool = world.pool()

    async def none_in_stock(*_: object) -> list[object]:
        return []

    with asked(world) as askers:
        pool.user("ada")
        monkeypatch.setattr(keys, "take", none_in_stock)
        world.pool()
    assert len(askers) >= 4
    assert set(askers) == {ADMINISTRATOR}


def test_a_device_does_not_wait_behind_strangers_who_guess_for_its_user(world: World) -> None:
    """While a guess for a name is looked at, the remembered device of that user is served, in a place kept for it."""
    client = devices.tracked(world).client()
    client.pool.user("ada")
    device = devices.new_device(client, "ada")
    guessing, go_on = threading.Event(), threading.Event()

    def slow(hasher: Argon2, encoded: str, password: str) -> bool:
        if password != PASSWORD:
            guessing.set()
            go_on.wait(10)
        return verify(hasher, encoded, password)

    verify = Argon2.verify
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(1) as threads:
        patched.setattr(Argon2, "verify", slow)
        guessed = threads.submit(guess, client, "ada", "Wrong-Passw0rd!")
        assert guessing.wait(10)
        try:
            assert client.sign_in("ada", DEVICE_KEY=device.key)["ChallengeName"] == "DEVICE_SRP_AUTH"
            assert not guessed.done()
        finally:
            go_on.set()
        assert error_of(guessed.result())[0] == "NotAuthorizedException"


def test_beside_a_crowd_from_one_address_another_is_let_in_next(world: World) -> None:
    """With every thread and every place taken by guesses from one address, the next to be served comes from elsewhere."""
    client = world.pool().client()
    client.pool.user("ada")
    served: list[str] = []
    go_on = threading.Event()

    def slow(hasher: Argon2, encoded: str, password: str) -> bool:
        if not go_on.wait(20):
            go_on.set()
        served.append(password)
        return verify(hasher, encoded, password)

    verify, heavy = Argon2.verify, world.house.heavy
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(20) as threads:
        patched.setattr(Argon2, "verify", slow)
        patched.setattr(heavy, "_queue", 8)
        guesses = [threads.submit(guess, client, f"name-{number}", f"Guess-{number}-a") for number in range(16)]
        _wait_until(world, lambda: sum(one.done() for one in guesses) == 16 - 2 - 8)
        assert heavy.waiting == 8
        honest = threads.submit(_from, "127.0.0.77", world, client)
        _wait_until(world, lambda: "network 127.0.0.77" in heavy._lines)
        go_on.set()
        assert honest.result() == 200
        told = [error_of(one.result())[0] for one in guesses]
    assert told.count("TooManyRequestsException") == 16 - 2 - 7
    assert PASSWORD in served[:4]  # two threads had begun, and serve two more at once


def _wait_until(world: World, holds: Callable[[], bool]) -> None:
    async def look() -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 - a queue tells nobody how long it is
                await asyncio.sleep(0.005)

    world.run(look)


def _from(source: str, world: World, client: ClientOfTests) -> int:
    """Sign ada in from another address of this machine; return the status."""
    at = urlsplit(world.url)
    connection = http.client.HTTPConnection("127.0.0.1", at.port or 80, timeout=20, source_address=(source, 0))
    target = "AWSCognitoIdentityProviderService.InitiateAuth"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    connection.request("POST", "/", json.dumps(password_body(client, "ada", PASSWORD)).encode(), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_call_is_asked_for_by_its_network_until_more_is_known(world: World) -> None:
    """An IPv6 client is its /64; a verified user goes before the key that signed, and both before the network."""
    call = Call(
        house=world.house,
        caller=Caller(KEY_ID, "us-east-1", SIGNED_BY),
        region="us-east-1",
        client_address="2001:db8:1:2:3:4:5:6",
        user_agent="",
        request_id="",
        now=0,
    )
    assert msgspec.structs.replace(call, caller=None).asker == Asker(
        "network 2001:db8:1:2::/64", wide="2001:db8:1::/48"
    )
    assert call.asker == ADMINISTRATOR
    call.trace.known_user = "a-sub"
    assert call.asker == Asker("user a-sub", known=True)
