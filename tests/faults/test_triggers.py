"""What goes on while an operator's function or a mail server does not? Everything that is not its own (attacks.md F11).

The order of answers is looked at, not their time: whatever is said to go on is answered while what hangs is still under way.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.listing import eventually
from api.own_code import OwnCode, own_code
from api.second_factors import PHONE, SMS_MFA, demand, prefer
from api.signing_in import count_of_sessions
from api.world import ClientOfTests, World, refused
from poolkeeper.clock import MINUTE
from poolkeeper.function_settings import FunctionSetting, LocalTransport
from poolkeeper.functions import Functions, Limits
from poolkeeper.functions.call import Invocation
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.model.message import Message

ARN = "arn:aws:lambda:us-east-1:000000000000:function:hangs"
PLACES = 4
WAITING = "SELECT job_id FROM due WHERE kind = 'message' AND pool_id = $1"


@dataclass
class Hanging:
    """A way to a function that answers every pool but one, whose events wait until the gate opens."""

    pool_id: str
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    async def call(self, invocation: Invocation) -> Any:
        """Return the event as it came, once it may go on."""
        event = msgspec.json.decode(invocation.body)
        if event["userPoolId"] == self.pool_id:
            self.waiting.release()
            await self.gate.wait()
        return event

    async def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pools."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def asking(world: World, arn: str | None) -> ClientOfTests:
    """Make a pool that asks a function before each sign-in, or none, with one user."""
    client = world.pool(LambdaConfig={} if arn is None else {"PreAuthentication": arn}).client()
    client.pool.user("ada")
    return client


def test_a_function_that_hangs_holds_up_its_own_pool_alone(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has as many places as the setting says; the call after them is refused at once, and every other pool goes on."""
    hung, other, plain = asking(world, ARN), asking(world, ARN), asking(world, None)
    functions, carrier = _functions(world, tmp_path), Hanging(hung.pool.pool_id)
    monkeypatch.setitem(functions._carriers, ARN, carrier)
    monkeypatch.setattr(world.house.functions, "invoke", functions.invoke)

    with ThreadPoolExecutor(PLACES) as threads:
        under_way = [threads.submit(hung.sign_in, "ada") for _ in range(PLACES)]
        try:
            assert all(carrier.waiting.acquire(timeout=30) for _ in under_way)
            name, sentence = refused(lambda: hung.sign_in("ada"))
            assert (name, "TooManyRequestsException" in sentence) == ("UnexpectedLambdaException", True)
            for client in (other, plain):
                assert client.tokens("ada")["AccessToken"]
            assert hung.world.unsigned.forgot_password(ClientId=hung.client_id, Username="nobody")
            assert not any(one.done() for one in under_way)
        finally:
            world.loop.call_soon_threadsafe(carrier.gate.set)
        assert all("AuthenticationResult" in one.result(30) for one in under_way)
    assert hung.tokens("ada")["AccessToken"]


def _functions(world: World, folder: Path) -> Functions:
    transport = LocalTransport(language="python", source="none", function="handler", folder=folder, environment={})
    setting = FunctionSetting(arn=ARN, transport=transport, pools=None)
    house = world.house
    settings = replace(house.settings, functions=(setting,), function_calls_per_pool=PLACES)
    return Functions(settings, house.egress, house.clock, house.entropy)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("import time; time.sleep(60)", "Socket timeout while invoking Lambda function"),
        ("import signal; signal.pause()", "Socket timeout while invoking Lambda function"),
        ("exec('while True: pass')", "Socket timeout while invoking Lambda function"),
        ('response["more"] = "x" * 2_000_000', "Function.ResponseSizeTooLarge"),
        ('print("x" * 2_000_000); response["more"] = "x" * 2_000_000', "Function.ResponseSizeTooLarge"),
    ],
    ids=["slow", "hung", "busy", "huge", "huge twice"],
)
def test_a_program_that_goes_wrong_lets_nobody_in_and_nobody_else_wait(
    world: World, code: OwnCode, line: str, reason: str
) -> None:
    """Slow, hung, busy without end, huge: refused in AWS's words, tried three times at most, and well again once mended."""
    arn = code.function("before", line)
    code._made[arn]._limits = Limits(seconds=0.5)
    client, other = asking(world, arn), asking(world, None)

    with ThreadPoolExecutor(1) as threads:
        under_way: Future[tuple[str, str]] = threads.submit(lambda: refused(lambda: client.sign_in("ada")))
        answered_before = [other.tokens("ada") and under_way.done() for _ in range(3)]
        assert under_way.result(60) == (
            "UnexpectedLambdaException",
            f"PreAuthentication invocation failed due to error {reason}.",
        )
    if "Socket" in reason:
        assert not any(answered_before)
        assert len(code.told("before")) <= 3
    assert count_of_sessions(client.pool) == 0

    code.function("before", "pass")
    assert client.tokens("ada")["AccessToken"]


class DeadServer:
    """A mail server, and what takes text messages: not there until they are back."""

    def __init__(self, *pool_ids: str) -> None:
        self.back = False
        self.sent: list[Message] = []
        self._pool_ids = pool_ids

    async def send(self, message: Message, *, message_id: str) -> None:
        """Refuse as a connection does that nobody answers, or take the message."""
        if message.pool_id not in self._pool_ids:
            return
        if not self.back:
            raise DeliveryFailed("connection refused", permanent=False)
        self.sent.append(message)


def test_messages_of_a_dead_server_go_out_once_when_it_is_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign-ups, resets and second factors are answered meanwhile; each message waits in its row and is delivered once."""
    client, other = world.pool(AutoVerifiedAttributes=["email"]).client(), world.pool().client()
    demand(client.pool, SMS_MFA, mode="OPTIONAL")
    client.pool.user("ada", email="ada@x.example", email_verified="true", phone_number=PHONE)
    prefer(client.pool, "ada", "SMSMfaSettings")
    server = DeadServer(client.pool.pool_id)
    monkeypatch.setattr(world.app.worker._messages, "_senders", {"outbox": server})

    client.sign_up("eve", email="eve@x.example")
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    asked = client.sign_in("ada")
    other.pool.user("bob")
    assert other.tokens("bob")["AccessToken"]
    eventually(world, f"{WAITING} AND attempts = 0", client.pool.pool_id)
    assert len(world.rows(WAITING, client.pool.pool_id)) == 3

    server.back = True
    world.clock.advance(MINUTE)
    eventually(world, WAITING, client.pool.pool_id)
    assert sorted(one.kind for one in server.sent) == ["Authentication", "ForgotPassword", "SignUp"]
    codes = {one.kind: str(one.code) for one in server.sent}
    given = {"USERNAME": "ada", "SMS_MFA_CODE": codes["Authentication"]}
    assert client.respond("SMS_MFA", asked["Session"], **given)["AuthenticationResult"]
    confirm = {"ClientId": client.client_id, "Username": "eve", "ConfirmationCode": codes["SignUp"]}
    world.unsigned.confirm_sign_up(**confirm)
    assert client.pool.admin("admin_get_user", "eve")["UserStatus"] == "CONFIRMED"
