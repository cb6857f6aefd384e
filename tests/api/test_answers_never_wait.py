"""Does an answer wait for mail? Messages are rows of the change that caused them; whoever sends them may hang."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from api.listing import eventually
from api.signing_in import raw
from api.world import World
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.message import Message
from poolkeeper.store import codes, due


class HangingSender:
    """A mail server that takes nothing until it is told to go on."""

    def __init__(self, pool_id: str, expected: int) -> None:
        self.gate = asyncio.Event()
        self.sent: list[tuple[str, str]] = []
        self.all_sent = threading.Event()
        self._pool_id, self._expected = pool_id, expected

    async def send(self, message: Message, *, message_id: str) -> None:
        """Hang, then note a message of the pool."""
        await self.gate.wait()
        if message.pool_id == self._pool_id:
            self.sent.append((message.kind, message.to))
        if len(self.sent) == self._expected:
            self.all_sent.set()


@contextmanager
def hanging(world: World, pool_id: str, *, expected: int) -> Iterator[HangingSender]:
    """Let every message of the server hang, until the end of the block."""
    sender = HangingSender(pool_id, expected)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(world.app.worker._messages, "_senders", {"outbox": sender})
        try:
            yield sender
        finally:
            world.loop.call_soon_threadsafe(sender.gate.set)


def test_every_answer_is_there_while_the_mail_server_hangs(world: World) -> None:
    """Known and unknown are answered alike and at once; codes and messages were written before, and go out after.

    Those of nobody are written too, and dropped.
    """
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    with hanging(world, client.pool.pool_id, expected=4) as sender:
        client.sign_up("bob", email="bob@x.example")
        for operation, names in (("ForgotPassword", ("ada", "ghost")), ("ResendConfirmationCode", ("bob", "ghost"))):
            ask = partial(raw, world, operation)
            assert [ask({"ClientId": client.client_id, "Username": name})[0] for name in names] == [200, 200]
        client.pool.admin(
            "admin_create_user",
            "eve",
            UserAttributes=[{"Name": "email", "Value": "eve@x.example"}],
            DesiredDeliveryMediums=["EMAIL"],
        )
        assert sender.sent == []
        waiting = world.rows("SELECT kind FROM due WHERE pool_id = $1", client.pool.pool_id)
        assert waiting == [(MESSAGE,)] * 6
        codes = world.rows("SELECT purpose FROM codes WHERE pool_id = $1 ORDER BY purpose", client.pool.pool_id)
        assert codes == [("ForgotPassword",), ("ForgotPassword",), ("SignUp",), ("SignUp",)]

        world.loop.call_soon_threadsafe(sender.gate.set)
        assert sender.all_sent.wait(60)
    assert sorted(sender.sent) == [
        ("AdminCreateUser", "eve@x.example"),
        ("ForgotPassword", "ada@x.example"),
        ("ResendCode", "bob@x.example"),
        ("SignUp", "bob@x.example"),
    ]


def test_the_message_is_written_with_its_code_before_the_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code and message are one change, done when the answer goes out; a ghost's is the same."""
    client = world.pool().client()
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    done: list[str] = []

    def note(owner: object, name: str, what: str) -> None:
        run = getattr(owner, name)

        async def noting(*args: Any, **kwargs: Any) -> Any:
            result = await run(*args, **kwargs)
            done.append(what)
            return result

        monkeypatch.setattr(owner, name, noting)

    note(codes, "put", "code")
    note(due, "add", "message")
    for name in ("ada", "ghost"):
        done.clear()
        assert raw(world, "ForgotPassword", {"ClientId": client.client_id, "Username": name})[0] == 200
        assert done == ["code", "message"]


class SlowFor:
    """A mail server that hangs on one domain, and takes everything else at once."""

    def __init__(self, domain: str) -> None:
        self.gate = asyncio.Event()
        self.arrived = threading.Event()
        self._domain = domain

    async def send(self, message: Message, *, message_id: str) -> None:
        """Hang, or note that a message to somebody else is there."""
        if message.to.endswith(f"@{self._domain}"):
            await self.gate.wait()
        elif message.to.endswith("@prompt.example"):
            self.arrived.set()


def test_a_recipient_whose_server_hangs_holds_up_nobody_elses_mail(world: World) -> None:
    """Strangers may sign up with addresses of such a domain: whoever comes later is written to all the same."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    sender = SlowFor("slow.example")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(world.app.worker._messages, "_senders", {"outbox": sender})
        try:
            client.sign_up("slow", email="a@slow.example")
            eventually_claimed(world, client.pool.pool_id)
            client.sign_up("prompt", email="b@prompt.example")
            assert sender.arrived.wait(10)
        finally:
            world.loop.call_soon_threadsafe(sender.gate.set)
        eventually(world, "SELECT job_id FROM due WHERE kind = 'message' AND pool_id = $1", client.pool.pool_id)


def eventually_claimed(world: World, pool_id: str) -> None:
    """Wait until the worker is at the messages of a pool."""
    eventually(world, "SELECT job_id FROM due WHERE pool_id = $1 AND lease_until = 0", pool_id)
